"""Tells of many gateways that fell silent at once: one alert for a unit, and of each home only that it is unknown."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select, update

from models.finding import FACTS, FindingKind
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, cease_alert, raise_for_unit
from server.alerting.tables import AlertRow
from server.detection.tables import FindingRow
from server.live.service import changed
from server.liveness.rules import OWN_TIME, Together, fallen_together, is_outage_over, together_within
from server.residents.service import residents_of
from server.residents.tables import Gateway, Home

_LISTENED_TO = timedelta(days=1)  # a gateway that was silent for longer is no part of the fleet


def tell_outages(db: Session, due: Sequence[Gateway], now: datetime) -> set[int]:
    """Tell of those of the gateways (rows locked, not heard in time) that did not fall silent alone; return them."""
    spans = {gateway.home_id: _within(gateway, now) for gateway in due if gateway.last_heard_at is not None}
    if not spans:
        return set()
    within = max(spans.values())
    earliest = min(heard for gateway in due if (heard := gateway.last_heard_at) is not None)
    wanted = select(Gateway.home_id, func.max(Gateway.last_heard_at)).group_by(col(Gateway.home_id))
    silent = {
        home_id: heard
        for home_id, heard in db.exec(wanted.having(func.max(Gateway.last_heard_at) >= earliest - within))
        if heard is not None and (heard <= now - within or home_id in spans)
    }
    heard_lately = select(func.count(func.distinct(Gateway.home_id)))
    homes = db.exec(heard_lately.where(col(Gateway.last_heard_at) >= earliest - _LISTENED_TO)).one()
    told = set()
    for gateway in due:
        if gateway.home_id not in silent or gateway.home_id not in spans:
            continue
        together = fallen_together(silent, gateway.home_id, homes, spans[gateway.home_id])
        if together is not None:
            _tell(db, gateway, together, now)
            told.add(gateway.gateway_id or 0)
    return told


def no_outage_of(db: Session, home_ids: Collection[int], now: datetime) -> None:
    """Note that gateways of these homes are heard: what silenced them is over for them."""
    lasting = (
        col(FindingRow.home_id).in_(sorted(home_ids))
        & (col(FindingRow.kind) == FindingKind.FLEET_OUTAGE)
        & col(FindingRow.ended_at).is_(None)
    )
    db.exec(update(FindingRow).where(lasting).values(ended_at=now))


def end_outages(db: Session, now: datetime) -> None:
    """Close the alerts of outages that are over, and give who is still silent its own time to come back."""
    open_ = select(AlertRow).where(AlertRow.kind == AlertKind.FLEET_OUTAGE, col(AlertRow.closed_at).is_(None))
    for alert in db.exec(open_.order_by(col(AlertRow.alert_id))).all():
        of_unit = select(FindingRow).join(Home, col(Home.home_id) == FindingRow.home_id)
        silenced = db.exec(of_unit.where(Home.unit_id == alert.unit_id, FindingRow.alert_id == alert.alert_id)).all()
        still = [finding for finding in silenced if finding.ended_at is None]
        if not is_outage_over(len(silenced), len(still)):
            continue
        late = {finding.home_id for finding in still}
        waited = select(Gateway).where(col(Gateway.home_id).in_(late), col(Gateway.due_at).is_(None))
        for gateway in db.exec(waited.order_by(col(Gateway.gateway_id)).with_for_update(skip_locked=True)):
            gateway.due_at = now + OWN_TIME
            db.add(gateway)
        no_outage_of(db, late, now)
        cease_alert(db, alert.alert_id or 0, now, closes=True)


def _within(gateway: Gateway, now: datetime) -> timedelta:
    """Return the span in which others fell silent with this one."""
    heard, due = gateway.last_heard_at or now, gateway.due_at or now
    return together_within(due - heard)


def _tell(db: Session, gateway: Gateway, together: Together, now: datetime) -> None:
    """Keep that a home is silenced, under its unit's one alert."""
    figures = {"silent_homes": together.silent, "homes": together.homes}
    reason = Reason("fleet_outage", figures)
    home = db.get_one(Home, gateway.home_id)
    unit_id = home.unit_id
    open_ = select(AlertRow).where(AlertRow.unit_id == unit_id, AlertRow.kind == AlertKind.FLEET_OUTAGE)
    is_open = (col(AlertRow.closed_at).is_(None)) & (col(AlertRow.is_test) == home.is_test)
    alert = db.exec(open_.where(is_open).order_by(col(AlertRow.alert_id))).first()
    if alert is None:
        raised = Raised(AlertKind.FLEET_OUTAGE, now, None, reasons=(reason,))
        alert = raise_for_unit(db, unit_id, raised, now, is_test=home.is_test)
    elif together.silent > alert.reasons[0]["silent_homes"]:
        alert.reasons = [reason.as_json()]
        db.add(alert)
        changed(db, unit_id, "alert", alert.code)
    kind = FindingKind.FLEET_OUTAGE
    finding = FindingRow(
        home_id=gateway.home_id, kind=kind, finding_class=FACTS[kind].cls, started_at=gateway.last_heard_at or now,
        noticed_at=now, reasons=[reason.as_json()], alert_id=alert.alert_id,
    )  # fmt: skip
    db.add(finding)
    for resident in residents_of(db, gateway.home_id):
        changed(db, resident.unit_id, "resident", resident.code)
