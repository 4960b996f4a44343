"""Where an alert goes next, and whom a policy would tell, as people see it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from server.access.service import Viewer, units_below
from server.access.tables import Person, Unit
from server.alerting.rules import FACTS, AlertClass, AlertKind, AlertStatus, Severity
from server.alerting.service import find_alert
from server.alerting.tables import AlertRow
from server.escalation.policies import around, class_of, unit_for
from server.escalation.recipients import Place, has_only_tests, recipients
from server.escalation.rules import Case, Policy, Who, course, leaves_unwatched, may_wait, next_move
from server.escalation.service import case_of, frozen_policy
from server.escalation.tables import EscalationRow
from server.residents.tables import Home

# Of a whole class: the gravest person's alert there is, and a fault as most are.
_USUAL = {AlertClass.PERSON: Severity.CRITICAL, AlertClass.TECHNICAL: Severity.MODERATE}


@dataclass(frozen=True, slots=True)
class NextStep:
    """Whom an alert goes on to, and when, if nobody takes it. `name`: of the person or unit, where one is named.

    `who` None: nobody is told at `at` either; the quiet hours are looked at again then.
    """

    who: Who | None
    name: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """One step of a rehearsal: at `at` these people are told. `step` None: nobody is, before the quiet hours are over.

    No names: nobody could be told there, and it goes on at once. Of relatives each resident has their own.
    """

    at: datetime
    step: int | None
    who: Who | None
    names: tuple[str, ...]
    softly: bool
    again_at: datetime


@dataclass(frozen=True, slots=True)
class Trial:
    """What is rehearsed: an alert of this kind or class, raised at that moment. `severity` None: as it usually is."""

    about: str
    severity: int | None
    at: datetime


def next_step(db: Session, alert: AlertRow) -> NextStep | None:
    """Return where an alert goes next; None when somebody has it, or when it is for the day's list only."""
    row = db.get(EscalationRow, alert.alert_id)
    if row is None or row.due_at is None or alert.status is not AlertStatus.REPORTED:
        return None
    policy = frozen_policy(alert, row)
    move = next_move(policy, row.last_step, case_of(db, alert), row.due_at)
    if move.step is None:
        return NextStep(None, None, move.due_at)
    step = policy.steps[move.step]
    return NextStep(step.who, _name(db, step.who, step.named), row.due_at)


def next_step_of(db: Session, viewer: Viewer, alert_id: str) -> NextStep | None:
    """Return where an alert goes next, by its opaque name; as `next_step`.

    Raises:
        NotFoundError: there is none of that name in the viewer's unit.
    """
    return next_step(db, find_alert(db, viewer, alert_id))


def rehearse(db: Session, viewer: Viewer, unit_code: str, policy: Policy, trial: Trial) -> list[Told]:
    """Return who would be told, and when, until the last step has repeated once. Nobody is told anything.

    Raises:
        NotFoundError, NotAllowedError: as `server.escalation.policies.standing_in`.
    """
    unit = unit_for(db, viewer, unit_code)
    place = Place(unit.unit_id or 0, None, has_only_tests(db, unit.unit_id or 0))
    told: dict[tuple[datetime, int], list[int]] = {}

    def finds(number: int, at: datetime) -> bool:
        told[at, number] = recipients(db, place, policy.steps[number], at)
        # Who agreed is asked for each resident by themselves.
        return bool(told[at, number]) or policy.steps[number].who is Who.RELATIVES

    return [
        Told(at, None, None, (), softly=False, again_at=move.due_at)
        if move.step is None
        else Told(
            at,
            move.step,
            policy.steps[move.step].who,
            _names(db, told[at, move.step]),
            softly=move.softly,
            again_at=move.due_at,
        )
        for at, move in course(policy, _case(trial, zone_in(db, unit.unit_id or 0)), trial.at, finds)
    ]


def zone_in(db: Session, unit_id: int) -> ZoneInfo:
    """Return the zone of the clocks in a unit's homes; Norway's where there are none."""
    homes = select(Home.time_zone).where(col(Home.unit_id).in_(units_below(db, unit_id)))
    return ZoneInfo(db.exec(homes.limit(1)).first() or "Europe/Oslo")


def people_to_name(db: Session, viewer: Viewer, unit_code: str) -> list[Person]:
    """Return whom a step may name in a unit, by name."""
    known = around(db, unit_for(db, viewer, unit_code).unit_id or 0)
    return list(db.exec(select(Person).where(col(Person.person_id).in_(known.people)).order_by(Person.name)))


def units_to_name(db: Session, viewer: Viewer, unit_code: str) -> list[Unit]:
    """Return which units may stand in for a unit."""
    known = around(db, unit_for(db, viewer, unit_code).unit_id or 0)
    return list(db.exec(select(Unit).where(col(Unit.unit_id).in_(known.backups)).order_by(Unit.name)))


def _case(trial: Trial, zone: ZoneInfo) -> Case:
    alert_class = class_of(trial.about)
    is_kind = trial.about in set(AlertKind)
    usual = FACTS[AlertKind(trial.about)].severity if is_kind else _USUAL[alert_class]
    severity = usual if trial.severity is None else trial.severity
    blind = is_kind and leaves_unwatched(AlertKind(trial.about), (), (), ())
    return Case(severity, may_wait(alert_class, severity, is_unwatched=blind), zone)


def _name(db: Session, who: Who, named: int | None) -> str | None:
    if named is None:
        return None
    found: Unit | Person | None = db.get(Unit, named) if who is Who.BACKUP else db.get(Person, named)
    return None if found is None else found.name


def _names(db: Session, people: list[int]) -> tuple[str, ...]:
    return tuple(db.exec(select(Person.name).where(col(Person.person_id).in_(people)).order_by(Person.name)))
