"""How a unit stands at a moment, for who comes: what is open, promised, muted, who is away, and who is at risk."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import chain

from sqlmodel import Session, col, select

from server.absences.service import absences_at
from server.access.service import units_above, units_below
from server.alerting.rules import AlertKind, Outcome
from server.alerting.tables import AlertRow
from server.board.devices import homes_at_risk
from server.duty.service import period_of
from server.duty.tables import Shift
from server.handovers.rules import (
    PROMISED_WITHIN,
    AwayUntil,
    HandedShift,
    HomeAtRisk,
    Listed,
    MutedKind,
    OpenAlert,
    Promise,
    handed_over,
)
from server.house_rules.tables import HouseRuleRow
from server.residents.tables import Home, Resident
from server.sensitivity.mutings import muted_in
from server.visits.rules import OVERDUE_FOR, Known
from server.visits.service import planned, staff_in

_LOOKS_AHEAD = timedelta(days=2)
_LONGEST_SHIFT_AGO = timedelta(days=2)


def situation(db: Session, unit_id: int, person_id: int, now: datetime, patience: timedelta) -> Listed:
    """Return how a unit and all below it stand, and the shift a person hands over there.

    `patience`: how long a gateway may be silent.
    """
    units = units_below(db, unit_id)
    homes = {one.home_id or 0: one for one in db.exec(select(Home).where(col(Home.unit_id).in_(units)))}
    people = db.exec(select(Resident).where(col(Resident.unit_id).in_(units)).order_by(Resident.code)).all()
    return Listed(
        alerts=_open(db, units),
        promised=tuple(_promised(db, units, now)),
        muted=tuple(sorted(_muted(db, homes, people, now), key=lambda one: one.until)),
        away=_away(db, people, now),
        at_risk=tuple(HomeAtRisk(one.home, one.risks) for one in homes_at_risk(db, homes, now, patience)),
        shift=_shift(db, unit_id, person_id, now),
    )


def _open(db: Session, units: Collection[int]) -> tuple[OpenAlert, ...]:
    wanted = (
        select(AlertRow, Resident.code)
        .join(Resident, col(Resident.resident_id) == AlertRow.resident_id, isouter=True)
        .where(col(AlertRow.unit_id).in_(units), col(AlertRow.closed_at).is_(None))
    )
    rows = db.exec(wanted.order_by(col(AlertRow.raised_at)))
    return tuple(OpenAlert(alert.code, alert.kind, resident, alert.status) for alert, resident in rows)


def _promised(db: Session, units: Collection[int], now: datetime) -> Iterator[Promise]:
    wanted = (
        select(AlertRow, Resident)
        .join(Resident, col(Resident.resident_id) == AlertRow.resident_id)
        .where(
            col(AlertRow.unit_id).in_(units),
            AlertRow.outcome == Outcome.WAITING_FOR_VISIT,
            col(AlertRow.closed_at) > now - PROMISED_WITHIN,
        )
    )
    for alert, resident in db.exec(wanted.order_by(col(AlertRow.closed_at))).all():
        since = alert.closed_at or now
        stays = staff_in(db, [resident.home_id], since, now).get(resident.home_id, ())
        if any(one.known is not Known.PLANNED and one.until > since for one in stays):
            continue
        visits = planned(db, resident.resident_id or 0, since - OVERDUE_FOR, since + _LOOKS_AHEAD)
        yield Promise(alert.code, alert.kind, resident.code, since, visits[0].begins_at if visits else None)


def _muted(db: Session, homes: dict[int, Home], people: Collection[Resident], now: datetime) -> Iterator[MutedKind]:
    alone: dict[int, list[str]] = {}
    for one in people:
        alone.setdefault(one.home_id, []).append(one.code)
    for home_id, kinds in muted_in(db, homes, now).items():
        codes = alone.get(home_id, [])
        for kind, until in kinds.items():
            yield MutedKind(kind, homes[home_id].code, codes[0] if len(codes) == 1 else None, until)
    by_number = {one.resident_id: one for one in people}
    rules = select(HouseRuleRow).where(
        col(HouseRuleRow.resident_id).in_(by_number),
        col(HouseRuleRow.muted_until) > now,
        col(HouseRuleRow.removed_at).is_(None),
    )
    for rule in db.exec(rules.order_by(col(HouseRuleRow.house_rule_id))):
        who = by_number[rule.resident_id]
        if rule.is_on and rule.muted_until is not None:
            yield MutedKind(AlertKind.AGREED_RULE, homes[who.home_id].code, who.code, rule.muted_until, rule.code)


def _away(db: Session, people: Collection[Resident], now: datetime) -> tuple[AwayUntil, ...]:
    codes = {one.resident_id or 0: one.code for one in people}
    absences = absences_at(db, codes, now)
    return tuple(AwayUntil(codes[number], one.kind, one.ends_at) for number, one in sorted(absences.items()))


def _shift(db: Session, unit_id: int, person_id: int, now: datetime) -> HandedShift | None:
    """Return the shift somebody hands over: the planned one, or else the duty they keep."""
    nearby = set(chain(units_above(db, unit_id), units_below(db, unit_id)))
    wanted = select(Shift).where(
        Shift.person_id == person_id, col(Shift.unit_id).in_(nearby), col(Shift.to_at) > now - _LONGEST_SHIFT_AGO
    )
    known = handed_over((HandedShift(one.code, one.from_at, one.to_at) for one in db.exec(wanted)), now)
    if known is not None:
        return known
    kept = period_of(db, person_id)
    return HandedShift(None, kept.from_at, now) if kept is not None and kept.unit_id in nearby else None
