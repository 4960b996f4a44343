"""Policies of units: looked up, set, and given up for the one above."""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from server.access.service import Viewer, units_above, units_below
from server.access.tables import PRIVATE_ROLES, Person, Role, Unit
from server.alerting.rules import FACTS, AlertClass, AlertKind
from server.audit.service import append
from server.errors import NotFoundError, PolicyError, StaleVersionError
from server.escalation.faults import Surroundings, fault_among, fault_of
from server.escalation.recipients import everyone, has_only_tests
from server.escalation.rules import Policy, abouts_of, default_policy, goes_on
from server.escalation.stand_ins import beside
from server.escalation.stored import policy_or, quiet_json, steps_json
from server.escalation.tables import PolicyRow
from server.residents.tables import Home

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """The policy that holds in a unit. `unit`: whose it is, None for the built-in one. `version` 0: not its own."""

    about: str
    policy: Policy
    unit: Unit | None
    version: int


def policy_for(db: Session, unit_id: int, kind: AlertKind, alert_class: AlertClass) -> Policy:
    """Return the policy that holds for an alert: the narrowest there is, of the nearest unit."""
    for about in abouts_of(kind, alert_class):
        found = _nearest(db, unit_id, about)
        if found is not None:
            return _read(found)
    return default_policy(alert_class)


def standing_in(db: Session, viewer: Viewer, unit_code: str, about: str) -> Standing:
    """Return the policy that holds in a unit for a kind of alert or a class of them.

    Raises:
        NotAllowedError: the viewer is no administrator.
        NotFoundError: there is no such unit below the viewer's, or no such kind of alert that is passed on.
    """
    unit = unit_for(db, viewer, unit_code)
    alert_class = class_of(about)
    found = _nearest(db, unit.unit_id or 0, about)
    if found is None and about != alert_class.value:
        found = _nearest(db, unit.unit_id or 0, alert_class.value)
    if found is None:
        return Standing(about, default_policy(alert_class), None, 0)
    is_own = (found.unit_id, found.about) == (unit.unit_id, about)
    return Standing(about, _read(found), db.get_one(Unit, found.unit_id), found.version if is_own else 0)


def own_abouts(db: Session, unit_id: int) -> list[str]:
    """Return what a unit and those above it have policies about, the classes first."""
    wanted = select(PolicyRow.about).where(col(PolicyRow.unit_id).in_(units_above(db, unit_id)))
    classes = [one.value for one in AlertClass if goes_on(one)]
    return classes + sorted(set(db.exec(wanted)) - set(classes))


def set_policy(
    db: Session, viewer: Viewer, unit_code: str, about: str, wanted: Policy, version: int, now: datetime
) -> None:
    """Let a policy hold in a unit and below, for alerts raised from now on. `version`: that of `Standing`, as seen.

    Raises:
        PolicyError: it could fall silent; with the reason.
        StaleVersionError: somebody changed it since it was looked at.
        NotFoundError, NotAllowedError: as `standing_in`.
    """
    unit = unit_for(db, viewer, unit_code)
    class_of(about)
    must_do(db, unit.unit_id or 0, wanted)
    row = _own(db, unit, about, version) or PolicyRow(unit_id=unit.unit_id or 0, about=about, steps=[], version=0)
    row.steps, row.quiet, row.version = steps_json(wanted), quiet_json(wanted), row.version + 1
    db.add(row)
    append(db, at=now, who=viewer.audit_name, what="policy set", about=f"policy:{unit.code}:{about}")


def drop_policy(db: Session, viewer: Viewer, unit_code: str, about: str, version: int, now: datetime) -> None:
    """Let the policy of the unit above hold again; raises as `set_policy`. Harmless twice."""
    unit = unit_for(db, viewer, unit_code)
    row = _own(db, unit, about, version)
    if row is not None:
        db.delete(row)
        append(db, at=now, who=viewer.audit_name, what="policy dropped", about=f"policy:{unit.code}:{about}")


def must_do(db: Session, unit_id: int, wanted: Policy) -> None:
    """Let a policy pass that never falls silent in a unit or below it.

    Raises:
        PolicyError: this one could; with the reason.
    """
    fault = fault_of(wanted) or fault_among(wanted, around(db, unit_id))
    if fault is not None:
        raise PolicyError(fault.kind, fault.step, fault.words)


def around(db: Session, unit_id: int) -> Surroundings:
    """Return whom a policy of a unit may name, and how many its last step reaches where they are fewest."""
    above = units_above(db, unit_id)
    people = select(Person.person_id).where(col(Person.unit_id).in_(above), col(Person.role).not_in(PRIVATE_ROLES))
    homes = select(Home.unit_id, Home.is_test).where(col(Home.unit_id).in_(units_below(db, unit_id))).distinct()
    # Test homes reach only test people, so where there are both, both must do.
    kept = list(db.exec(homes)) or [(unit_id, has_only_tests(db, unit_id))]
    fewest = min(len(everyone(db, unit, is_test=is_test)) for unit, is_test in kept)
    units = dict.fromkeys(above[1:]) | beside(db, unit_id, is_test=all(is_test for _, is_test in kept))
    return Surroundings(frozenset(number for number in db.exec(people) if number), units, fewest)


def unit_for(db: Session, viewer: Viewer, code: str) -> Unit:
    """Return a unit whose policies the viewer may change. Raises as `standing_in`."""
    viewer.may(Role.ADMIN)
    unit = db.exec(select(Unit).where(Unit.code == code, col(Unit.unit_id).in_(viewer.units))).first()
    if unit is None:
        raise NotFoundError("unit")
    return unit


def units_of(db: Session, viewer: Viewer) -> list[Unit]:
    """Return the units whose policies the viewer may change, by name. Raises as `standing_in`."""
    viewer.may(Role.ADMIN)
    return list(db.exec(select(Unit).where(col(Unit.unit_id).in_(viewer.units)).order_by(Unit.name)))


def class_of(about: str) -> AlertClass:
    """Return the class of what a policy is about.

    Raises:
        NotFoundError: there are no such alerts, or they are not passed on.
    """
    is_kind = about in set(AlertKind)
    if not is_kind and about not in set(AlertClass):
        raise NotFoundError("alerts")
    found = FACTS[AlertKind(about)].alert_class if is_kind else AlertClass(about)
    if not goes_on(found):
        raise NotFoundError("alerts")
    return found


def _own(db: Session, unit: Unit, about: str, version: int) -> PolicyRow | None:
    wanted = select(PolicyRow).where(PolicyRow.unit_id == unit.unit_id, PolicyRow.about == about)
    row = db.exec(wanted.with_for_update()).first()
    if version != (row.version if row else 0):
        raise StaleVersionError
    return row


def _nearest(db: Session, unit_id: int, about: str) -> PolicyRow | None:
    units = units_above(db, unit_id)
    rows = db.exec(select(PolicyRow).where(PolicyRow.about == about, col(PolicyRow.unit_id).in_(units))).all()
    return min(rows, key=lambda row: units.index(row.unit_id), default=None)


def _read(row: PolicyRow) -> Policy:
    return policy_or(row.steps, row.quiet, default_policy(class_of(row.about)), f"unit {row.unit_id}, {row.about}")
