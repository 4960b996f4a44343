"""Sets up units, people and homes from one file. Doing it again changes only what the file changed."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from sqlalchemy import insert
from sqlmodel import Session, SQLModel, col, delete, select

from gateway.contract.codec import first_fault
from gateway.contract.home_config import EntityId
from gateway.contract.observation import GatewayId, RoomCode, SensorId, SensorKind
from server.access.service import hash_password
from server.access.tables import Person, RelativeOf, Role, Unit, UnitKind
from server.alerting.rules import AlertClass
from server.detection.tables import HomeWatch
from server.errors import NotFoundError, PolicyError, ProvisioningError
from server.escalation.faults import fault_of
from server.escalation.policies import class_of, must_do
from server.escalation.rules import Policy, Step, Who
from server.escalation.stored import steps_json
from server.escalation.tables import PolicyRow
from server.live.service import changed
from server.residents.service import renew_config
from server.residents.tables import Gateway, Home, Resident, Sensor
from server.visits.calendars import plan_daily
from server.visits.service import CARERS

# Known from the documentation, so it may open nothing but a demonstration.
_DEMO_PASSWORD = "livsrytme-demo"  # noqa: S105 - it is refused everywhere else

# Homes looked up with one query: SQLite takes some 30,000 values in one.
_AT_ONCE = 200

T = TypeVar("T", bound=SQLModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class UnitIn(_Strict):
    """A unit; `above` is the code of the one it belongs to, which is listed before it."""

    code: str
    name: str
    kind: UnitKind = UnitKind.TEAM
    above: str | None = None


class PersonIn(_Strict):
    """A person who signs in; `residents` are the codes a relative may follow, or a resident's own."""

    username: str = Field(min_length=2, max_length=100)
    name: str
    role: Role
    unit: str
    password: str = Field(min_length=8)
    language: str = Field(default="nb", pattern="^(nb|nn|en)$")
    residents: tuple[str, ...] = ()


class ResidentIn(_Strict):
    """The person we look after."""

    code: str = Field(pattern=r"^[a-z0-9-]{3,40}$")
    name: str
    birth_year: int = Field(ge=1890, le=2100)
    phone: str = ""


class SensorIn(_Strict):
    """A sensor and where it hangs."""

    sensor_id: SensorId
    room: RoomCode
    kinds: tuple[SensorKind, ...] = Field(min_length=1)
    bind_key: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None
    reads_as: dict[SensorKind, SensorKind] = Field(
        default_factory=dict, description="What its measurements mean here: a contact under a mattress is a bed, say"
    )
    shown_in_home_assistant: tuple[SensorKind, ...] = Field(
        default=(),
        description="What the home's own Home Assistant may show: by the resident's wish, each kind by itself",
    )
    home_assistant_entities: dict[EntityId, SensorKind] = Field(
        default_factory=dict, description="Entities of the home's own Home Assistant that stand for this sensor"
    )
    expected_interval_s: float | None = Field(
        default=None, gt=0, description="How often it speaks; three times this without a word is a fault"
    )


class HomeIn(_Strict):
    """A home with its gateway and sensors, and who lives there."""

    code: str
    unit: str
    address: str
    time_zone: str
    test: bool = False
    resident: ResidentIn | None = Field(default=None, description="None: a common room or corridor, which is nobody's")
    gateway_id: GatewayId
    sensors: tuple[SensorIn, ...]

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("not an IANA time zone such as Europe/Oslo") from None
        return value


class StepIn(_Strict):
    """One step of a policy."""

    who: Who
    answer_within_s: float = Field(gt=0)


class PolicyIn(_Strict):
    """A unit's escalation policy. `about`: a kind of alert, or a class of them."""

    unit: str
    about: str = AlertClass.PERSON.value
    steps: tuple[StepIn, ...]

    @field_validator("steps")
    @classmethod
    def _reaches_somebody(cls, value: tuple[StepIn, ...]) -> tuple[StepIn, ...]:
        fault = fault_of(_policy(value))
        if fault:
            raise ValueError(fault.words)
        return value

    @field_validator("about")
    @classmethod
    def _is_passed_on(cls, value: str) -> str:
        try:
            class_of(value)
        except NotFoundError:
            raise ValueError("neither a kind of alert that is passed on nor a class of them") from None
        return value


def _policy(steps: Sequence[StepIn]) -> Policy:
    return Policy(tuple(Step(step.who, timedelta(seconds=step.answer_within_s)) for step in steps))


class VisitIn(_Strict):
    """A visit that is planned for every day from `first_day` on, at a time by the clock on the home's wall."""

    resident: str
    what: str = Field(max_length=200)
    first_day: date
    at: time
    minutes: int = Field(default=30, ge=5, le=720)


class Provisioning(_Strict):
    """The whole file."""

    units: tuple[UnitIn, ...]
    people: tuple[PersonIn, ...] = ()
    homes: tuple[HomeIn, ...] = ()
    policies: tuple[PolicyIn, ...] = ()
    visits: tuple[VisitIn, ...] = ()

    @model_validator(mode="after")
    def _names_nothing_twice(self) -> Self:
        names = {
            "unit": [unit.code for unit in self.units],
            "person": [person.username for person in self.people],
            "home": [home.code for home in self.homes],
            "resident": [home.resident.code for home in self.homes if home.resident],
            "gateway": [home.gateway_id for home in self.homes],
            "sensor": [sensor.sensor_id for home in self.homes for sensor in home.sensors],
            "policy": [f"{policy.unit} {policy.about}" for policy in self.policies],
        }
        for what, listed in names.items():
            for name, times in Counter(listed).items():
                if times > 1:
                    raise ValueError(f"the {what} {name!r} is listed {times} times")
        return self


def read_file(path: Path) -> Provisioning:
    """Read a provisioning file (JSON).

    Raises:
        ProvisioningError: it is missing, or the text says what is wrong where.
    """
    try:
        return Provisioning.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise ProvisioningError(f"{path}: there is no such file") from None
    except OSError as error:
        raise ProvisioningError(f"{path}: it cannot be read ({error.strerror})") from None
    except ValidationError as error:
        raise ProvisioningError(f"{path}: {first_fault(error)}") from None


def provision(db: Session, wanted: Provisioning, *, test_mode: bool) -> None:
    """Create what is missing and change what differs, in the caller's transaction. Nothing is removed.

    Raises:
        ProvisioningError: a unit or resident is named that is not there, or a demonstration's password is used in
            earnest.
    """
    for unit in wanted.units:
        row = _unit(db, unit.code) or Unit(code=unit.code, name=unit.name)
        row.name, row.kind = unit.name, unit.kind
        row.parent_id = None if unit.above is None else _unit_id(db, unit.above)
        db.add(row)
        db.flush()
    _provision_homes(db, wanted.homes)
    for person in wanted.people:
        if person.password == _DEMO_PASSWORD and not test_mode:
            raise ProvisioningError(f"{person.username}: that password is in the documentation; choose another one")
        _provision_person(db, person, is_test=test_mode)
    for policy in wanted.policies:
        _provision_policy(db, policy)
    for visit in wanted.visits:
        _provision_visit(db, visit)


def _provision_policy(db: Session, policy: PolicyIn) -> None:
    unit_id, wanted = _unit_id(db, policy.unit), _policy(policy.steps)
    db.flush()
    try:
        must_do(db, unit_id, wanted)
    except PolicyError as error:
        raise ProvisioningError(f"the policy of {policy.unit} for {policy.about}: {error}") from error
    of_unit = select(PolicyRow).where(PolicyRow.unit_id == unit_id, PolicyRow.about == policy.about)
    row = db.exec(of_unit).first() or PolicyRow(unit_id=unit_id, about=policy.about, steps=[])
    row.steps = steps_json(wanted)
    db.add(row)


def _provision_visit(db: Session, wanted: VisitIn) -> None:
    resident = db.exec(select(Resident).where(Resident.code == wanted.resident)).first()
    if resident is None:
        raise ProvisioningError(f"a visit: there is no resident {wanted.resident!r}")
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
    for home in wanted:
        if home.unit not in units:
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
        for home in some:
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
            f"{wanted.code}: the gateway {wanted.gateway_id!r} is of another home; one that moves gets a new name"
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
            raise ProvisioningError(f"{wanted.username}: there is no resident {code!r}")
        if wanted.role is Role.RESIDENT:
            person.resident_id = resident_id
            continue
        db.add(RelativeOf(person_id=_number(person.person_id), resident_id=resident_id))


def _unit(db: Session, code: str) -> Unit | None:
    return db.exec(select(Unit).where(Unit.code == code)).first()


def _unit_id(db: Session, code: str) -> int:
    unit = _unit(db, code)
    if unit is None:
        raise ProvisioningError(f'there is no unit {code!r}; list it under "units"')
    return _number(unit.unit_id)


def _number(value: int | None) -> int:
    if value is None:
        raise LookupError("a row without a number was never stored")
    return value
