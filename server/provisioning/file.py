"""The file that says which units, people, homes, policies and visits there are to be."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from gateway.contract.codec import first_fault
from gateway.contract.home_config import EntityId
from gateway.contract.observation import GatewayId, RoomCode, SensorId, SensorKind
from server.access.tables import Role, UnitKind
from server.alerting.rules import AlertClass, Severity
from server.errors import NotFoundError, ProvisioningError
from server.escalation.policies import class_of
from server.escalation.rules import AtNight, Who
from server.provisioning.lines import line_of


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
        except (ZoneInfoNotFoundError, ValueError, OSError):  # the last: too long for a file's name
            raise ValueError("not an IANA time zone such as Europe/Oslo") from None
        return value


class StepIn(_Strict):
    """One step of a policy. `named`: a user name, or of a back-up the unit's code."""

    who: Who
    answer_within_s: float = Field(gt=0)
    named: str | None = None
    from_severity: Severity = Field(default=Severity.NORMAL, description="Milder alerts pass over the step")
    at_night: AtNight = AtNight.TELL


class QuietIn(_Strict):
    """Quiet hours, by the clock on the home's wall."""

    start: time
    end: time


class PolicyIn(_Strict):
    """A unit's escalation policy. `about`: a kind of alert, or a class of them."""

    unit: str
    about: str = AlertClass.PERSON.value
    steps: tuple[StepIn, ...]
    quiet: QuietIn | None = None

    @field_validator("about")
    @classmethod
    def _is_passed_on(cls, value: str) -> str:
        try:
            class_of(value)
        except NotFoundError:
            raise ValueError("neither a kind of alert that is passed on nor a class of them") from None
        return value


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


def read_file(path: Path) -> Provisioning:
    """Read a provisioning file (JSON).

    Raises:
        ProvisioningError: it is missing, or the text says what is wrong in which line, and what was expected.
    """
    try:
        return Provisioning.model_validate_json(_bytes_of(path))
    except ValidationError as error:
        where = _where(path, error.errors(include_url=False, include_input=False, include_context=False)[0]["loc"])
        raise ProvisioningError(f"{where}: {first_fault(error)}") from None


@contextmanager
def naming_lines(path: Path) -> Iterator[None]:
    """Say in which line of a file is what cannot be set up.

    Raises:
        ProvisioningError: the one that was raised within, with the file and the line before it.
    """
    try:
        yield
    except ProvisioningError as error:
        raise ProvisioningError(f"{_where(path, error.at)}: {error}") from error


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ProvisioningError(f"{path}: there is no such file") from None
    except OSError as error:
        raise ProvisioningError(f"{path}: it cannot be read ({error.strerror})") from None


def _where(path: Path, steps: tuple[int | str, ...]) -> str:
    return f"{path}:{line_of(_bytes_of(path).decode(errors='replace'), steps)}" if steps else str(path)
