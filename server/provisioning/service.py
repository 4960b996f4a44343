"""Sets up units, people and homes. Doing it again changes only what differs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlmodel import Session, SQLModel, col, delete, select

from server.access.service import hash_password
from server.access.tables import Person, RelativeOf, Role, Unit
from server.detection.tables import HomeWatch
from server.errors import PolicyError, ProvisioningError
from server.escalation.faults import FaultKind
from server.escalation.naming import Naming
from server.escalation.policies import must_do
from server.escalation.rules import Policy, QuietHours, Step
from server.escalation.stored import quiet_json, steps_json
from server.escalation.tables import PolicyRow
from server.live.service import changed
from server.provisioning.file import HomeIn, PersonIn, PolicyIn, Provisioning, ResidentIn, SensorIn, UnitIn, VisitIn
from server.residents.service import renew_config
from server.residents.tables import Gateway, Home, Resident, Sensor
from server.visits.calendars import plan_daily
from server.visits.service import CARERS

# Known from the documentation, so it may open nothing but a demonstration.
_DEMO_PASSWORD = "livsrytme-demo"  # noqa: S105 - it is refused everywhere else

# Homes looked up with one query: SQLite takes some 30,000 values in one.
_AT_ONCE = 200

T = TypeVar("T", bound=SQLModel)


def provision(db: Session, wanted: Provisioning, *, test_mode: bool) -> None:
    """Create what is missing and change what differs, in the caller's transaction. Nothing is removed.

    Raises:
        ProvisioningError: something is named that is not there, or twice, a policy could fall silent, or a
            demonstration's password is used in earnest; `at` says where.
    """
    _must_name_once(wanted)
    for place, unit in enumerate(wanted.units):
        with _at("units", place):
            _provision_unit(db, unit)
    _provision_homes(db, wanted.homes)
    for place, person in enumerate(wanted.people):
        with _at("people", place):
            if person.password == _DEMO_PASSWORD and not test_mode:
                raise ProvisioningError(f"{person.username}: that password is in the documentation; choose another one")
            _provision_person(db, person, is_test=test_mode)
    for place, policy in enumerate(wanted.policies):
        with _at("policies", place):
            _provision_policy(db, policy)
    for place, visit in enumerate(wanted.visits):
        with _at("visits", place):
            _provision_visit(db, visit)


@contextmanager
def _at(*steps: int | str) -> Iterator[None]:
    try:
        yield
    except ProvisioningError as error:
        error.at = (*steps, *error.at)
        raise


def _must_name_once(wanted: Provisioning) -> None:
    listed: list[tuple[str, str, tuple[int | str, ...]]] = [
        *(("unit", one.code, ("units", place, "code")) for place, one in enumerate(wanted.units)),
        *(("person", one.username, ("people", place, "username")) for place, one in enumerate(wanted.people)),
        *(("policy", f"{one.unit} {one.about}", ("policies", place)) for place, one in enumerate(wanted.policies)),
    ]
    for place, home in enumerate(wanted.homes):
        listed.append(("home", home.code, ("homes", place, "code")))
        listed.append(("gateway", home.gateway_id, ("homes", place, "gateway_id")))
        if home.resident:
            listed.append(("resident", home.resident.code, ("homes", place, "resident", "code")))
        for number, sensor in enumerate(home.sensors):
            listed.append(("sensor", sensor.sensor_id, ("homes", place, "sensors", number, "sensor_id")))
    times = Counter((what, name) for what, name, _ in listed)
    for what, name, at in reversed(listed):
        if times[what, name] > 1:
            raise ProvisioningError(f"the {what} {name!r} is listed {times[what, name]} times", at)


def _provision_unit(db: Session, unit: UnitIn) -> None:
    row = _unit(db, unit.code) or Unit(code=unit.code, name=unit.name)
    row.name, row.kind = unit.name, unit.kind
    row.parent_id = None if unit.above is None else _unit_id(db, unit.above, "above")
    db.add(row)
    db.flush()


def _provision_policy(db: Session, policy: PolicyIn) -> None:
    db.flush()
    unit_id, wanted = _unit_id(db, policy.unit), _policy(db, policy)
    try:
        must_do(db, unit_id, wanted)
    except PolicyError as error:
        named = None if error.step is None else policy.steps[error.step].named
        said = "" if named is None else f" ({named!r})"
        whole = ("quiet",) if error.kind == FaultKind.QUIET_HOURS else ("steps",)
        at = whole if error.step is None else ("steps", error.step)
        raise ProvisioningError(f"the policy of {policy.unit} for {policy.about}: {error}{said}", at) from error
    of_unit = select(PolicyRow).where(PolicyRow.unit_id == unit_id, PolicyRow.about == policy.about)
    row = db.exec(of_unit).first() or PolicyRow(unit_id=unit_id, about=policy.about, steps=[], version=0)
    if (row.steps, row.quiet) != (steps_json(wanted), quiet_json(wanted)):
        row.steps, row.quiet, row.version = steps_json(wanted), quiet_json(wanted), row.version + 1
    db.add(row)


def _policy(db: Session, policy: PolicyIn) -> Policy:
    names = Naming(db)
    steps = tuple(
        Step(
            step.who, timedelta(seconds=step.answer_within_s), names.number(step.who, step.named), step.from_severity,
            step.at_night,
        )
        for step in policy.steps
    )  # fmt: skip
    return Policy(steps, None if policy.quiet is None else QuietHours(policy.quiet.start, policy.quiet.end))


def _provision_visit(db: Session, wanted: VisitIn) -> None:
    resident = db.exec(select(Resident).where(Resident.code == wanted.resident)).first()
    if resident is None:
        raise ProvisioningError(f"a visit: there is no resident {wanted.resident!r}", ("resident",))
    carers = select(Person.person_id).where(Person.unit_id == resident.unit_id, col(Person.role).in_(CARERS))
    by = db.exec(carers.order_by(col(Person.person_id))).first()
    if by is None:
        raise ProvisioningError(f"a visit to {wanted.resident!r}: nobody in that unit could make it; list them first")
    zone = ZoneInfo(db.get_one(Home, resident.home_id).time_zone)
    first = datetime.combine(wanted.first_day, wanted.at, zone)
    plan_daily(db, resident, wanted.what, first, timedelta(minutes=wanted.minutes), by)


class _Standing:
    """What is there already of some homes, by code or address: a few queries for hundreds of homes."""

    def __init__(self, db: Session, wanted: Sequence[HomeIn]) -> None:
        addresses = [sensor.sensor_id for home in wanted for sensor in home.sensors]
        self.homes = {row.code: row for row in _rows(db, Home, col(Home.code), [home.code for home in wanted])}
        residents = _rows(db, Resident, col(Resident.code), [home.resident.code for home in wanted if home.resident])
        self.residents = {row.code: row for row in residents}
        gateways = _rows(db, Gateway, col(Gateway.code), [home.gateway_id for home in wanted])
        self.gateways = {row.code: row for row in gateways}
        self.sensors = {row.address: row for row in _rows(db, Sensor, col(Sensor.address), addresses)}
        ids = [row.home_id for row in self.homes.values()]
        self.watched = {row.home_id for row in _rows(db, HomeWatch, col(HomeWatch.home_id), ids)}
        # Rows of which there are many: a model object for each would take most of the time.
        self.new_sensors: list[dict[str, Any]] = []
        self.new_watches: list[dict[str, Any]] = []


def _rows(db: Session, table: type[T], column: Any, wanted: Sequence[object]) -> list[T]:  # noqa: ANN401 - a column of any type
    return list(db.exec(select(table).where(column.in_(wanted)))) if wanted else []


def _provision_homes(db: Session, wanted: Sequence[HomeIn]) -> None:
    units: dict[str, int] = {}
    for place, home in enumerate(wanted):
        if home.unit not in units:
            with _at("homes", place):
                units[home.unit] = _unit_id(db, home.unit)
    for first in range(0, len(wanted), _AT_ONCE):
        some = wanted[first : first + _AT_ONCE]
        standing = _Standing(db, some)
        for home in some:
            row = standing.homes.setdefault(home.code, Home(code=home.code, unit_id=0, address="", time_zone=""))
            row.unit_id, row.address, row.time_zone, row.is_test = (
                units[home.unit],
                home.address,
                home.time_zone,
                home.test,
            )
            db.add(row)
        db.flush()  # gives new homes their numbers
        for place, home in enumerate(some, first):
            with _at("homes", place):
                _provision_inside(db, home, standing, units[home.unit])
        db.flush()
        for table, rows in ((Sensor, standing.new_sensors), (HomeWatch, standing.new_watches)):
            if rows:
                db.connection().execute(insert(table), rows)


def _provision_inside(db: Session, wanted: HomeIn, standing: _Standing, unit_id: int) -> None:
    home_id = _number(standing.homes[wanted.code].home_id)
    if wanted.resident is not None:
        _provision_resident(db, wanted.resident, standing, home_id, unit_id)
    gateway = standing.gateways.get(wanted.gateway_id) or Gateway(code=wanted.gateway_id, home_id=home_id)
    if gateway.home_id != home_id:
        # What it still holds is about the people it was with: it must not be told of others.
        raise ProvisioningError(
            f"{wanted.code}: the gateway {wanted.gateway_id!r} is of another home; one that moves gets a new name",
            ("gateway_id",),
        )
    if _provision_sensors(home_id, wanted.sensors, standing):
        renew_config(gateway)
        changed(db, unit_id, "config", gateway.code)
    db.add(gateway)
    if home_id not in standing.watched:
        standing.new_watches.append({"home_id": home_id, "state": {}, "looked_at": {}})


def _provision_resident(db: Session, told: ResidentIn, standing: _Standing, home_id: int, unit_id: int) -> None:
    resident = standing.residents.get(told.code) or Resident(
        code=told.code, home_id=home_id, unit_id=unit_id, name="", birth_year=0
    )
    resident.home_id, resident.unit_id = home_id, unit_id
    resident.name, resident.birth_year, resident.phone = told.name, told.birth_year, told.phone
    db.add(resident)


def _provision_sensors(home_id: int, wanted: tuple[SensorIn, ...], standing: _Standing) -> bool:
    differs = False
    for sensor in wanted:
        told: dict[str, Any] = {
            "home_id": home_id,
            "room": sensor.room,
            "kinds": [str(kind) for kind in sensor.kinds],
            "bind_key": sensor.bind_key,
            "reads_as": {str(measured): str(meant) for measured, meant in sensor.reads_as.items()},
            "shown_in_home_assistant": [str(kind) for kind in sensor.shown_in_home_assistant],
            "home_assistant_entities": {name: str(kind) for name, kind in sensor.home_assistant_entities.items()},
        }
        row = standing.sensors.get(sensor.sensor_id)
        if row is None:
            standing.new_sensors.append(
                {"address": sensor.sensor_id, **told, "expected_interval_s": sensor.expected_interval_s}
            )
            differs = True
            continue
        for name, value in told.items():
            if getattr(row, name) != value:
                setattr(row, name, value)
                differs = True
        if row.expected_interval_s != sensor.expected_interval_s:  # the server's business: the gateway need not know
            row.expected_interval_s, row.due_at = sensor.expected_interval_s, None
    return differs


def _provision_person(db: Session, wanted: PersonIn, *, is_test: bool) -> None:
    person = db.exec(select(Person).where(Person.username == wanted.username)).first()
    if person is None:
        person = Person(
            username=wanted.username, name="", role=wanted.role, unit_id=0, password_hash=hash_password(wanted.password)
        )
    person.name, person.role, person.unit_id = wanted.name, wanted.role, _unit_id(db, wanted.unit)
    person.language, person.is_test = wanted.language, is_test
    db.add(person)
    db.flush()
    db.exec(delete(RelativeOf).where(col(RelativeOf.person_id) == person.person_id))
    for code in wanted.residents:
        resident_id = db.exec(select(Resident.resident_id).where(Resident.code == code)).first()
        if resident_id is None:
            raise ProvisioningError(f"{wanted.username}: there is no resident {code!r}", ("residents",))
        if wanted.role is Role.RESIDENT:
            person.resident_id = resident_id
            continue
        db.add(RelativeOf(person_id=_number(person.person_id), resident_id=resident_id))


def _unit(db: Session, code: str) -> Unit | None:
    return db.exec(select(Unit).where(Unit.code == code)).first()


def _unit_id(db: Session, code: str, at: str = "unit") -> int:
    unit = _unit(db, code)
    if unit is None:
        raise ProvisioningError(f'there is no unit {code!r}; list it under "units"', (at,))
    return _number(unit.unit_id)


def _number(value: int | None) -> int:
    if value is None:
        raise LookupError("a row without a number was never stored")
    return value
