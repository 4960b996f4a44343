"""One fact about a home, as a gateway tells it."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, NaiveDatetime

from gateway.contract.doubt import Doubt, Meal, known_doubts, known_meal

SCHEMA_VERSION = 1

# BLE address, lower case, without colons. It is the sensor's name on the wire.
SensorId = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
GatewayId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{2,62}$")]
RoomCode = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a moment outside the calendar") from None


UtcDatetime = Annotated[AwareDatetime, AfterValidator(_to_utc)]


class SensorKind(StrEnum):
    """What a measurement is about. The comment gives the meaning of `Observation.value`."""

    MOTION = "motion"  # 1 movement, 0 quiet
    DOOR = "door"  # 1 open, 0 closed (also windows, fridge doors, cupboards)
    BED = "bed"  # 1 somebody lies in it, 0 empty
    CHAIR = "chair"  # 1 somebody sits in it, 0 empty
    BUTTON = "button"  # 1 pressed, 2 pressed twice, 3 three times, 4 held
    PULL_CORD = "pull_cord"  # 1 pulled
    FALL = "fall"  # 1 a fall sensor says so
    SMOKE = "smoke"  # 1 smoke, 0 clear
    WATER_LEAK = "water_leak"  # 1 water, 0 dry
    TEMPERATURE = "temperature"  # degrees Celsius
    HUMIDITY = "humidity"  # percent
    LIGHT = "light"  # lux
    POWER = "power"  # watts
    SYSTOLIC = "systolic"  # mmHg
    DIASTOLIC = "diastolic"  # mmHg
    MEAN_ARTERIAL = "mean_arterial"  # mmHg
    HEART_RATE = "heart_rate"  # beats a minute
    OXYGEN_SATURATION = "oxygen_saturation"  # percent
    BODY_TEMPERATURE = "body_temperature"  # degrees Celsius
    WEIGHT = "weight"  # kilograms
    GLUCOSE = "glucose"  # mmol/L
    MEASURED_NOTHING = "measured_nothing"  # 1 a device measured and no value came of it (a cuff error, say)


# What is measured on a body, by devices one connects to.
VITALS: Final = frozenset(
    {
        SensorKind.SYSTOLIC,
        SensorKind.DIASTOLIC,
        SensorKind.MEAN_ARTERIAL,
        SensorKind.HEART_RATE,
        SensorKind.OXYGEN_SATURATION,
        SensorKind.BODY_TEMPERATURE,
        SensorKind.WEIGHT,
        SensorKind.GLUCOSE,
        SensorKind.MEASURED_NOTHING,
    }
)


class Stream(StrEnum):
    """Two independent sequences for each gateway: what is urgent passes a backlog without leaving a gap in it."""

    URGENT = "urgent"
    ROUTINE = "routine"


_URGENT_KINDS = frozenset(
    {SensorKind.BUTTON, SensorKind.PULL_CORD, SensorKind.FALL, SensorKind.SMOKE, SensorKind.WATER_LEAK}
)


def stream_of(kind: SensorKind, value: float) -> Stream:
    """Return the stream a fact belongs to: a call for help is urgent, a detector that reports "clear" is not."""
    return Stream.URGENT if kind in _URGENT_KINDS and value > 0 else Stream.ROUTINE


class Vital(BaseModel):
    """What a device says about a value it measured on a body. The values of one measurement have the same."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    device_time: NaiveDatetime | None = Field(
        default=None,
        description="When it was measured, by the device's own clock in its own local time; None: it does not say",
    )
    sequence: int | None = Field(
        default=None, ge=0, lt=2**31, description="The device's number for the measurement; None: it has none"
    )
    user: int | None = Field(
        default=None, ge=0, le=255, description="The device's number for the person; None: not known"
    )
    doubts: Annotated[tuple[Doubt, ...], BeforeValidator(known_doubts), Field(max_length=20)] = ()
    meal: Annotated[Meal | None, BeforeValidator(known_meal)] = None
    missed: SensorKind | None = Field(
        default=None, description="With `measured_nothing`: what should have come of it; else None"
    )


class Observation(BaseModel):
    """One sensor fact. Sent at least once; (gateway, epoch, stream, `seq`) makes a repeat harmless."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    seq: int = Field(ge=1, lt=2**53, description="Place in its stream; rises by one, never used again")
    sensor_id: SensorId = Field(description="BLE address, lower case, no colons")
    room: RoomCode = Field(description="Where the sensor hung when this was heard")
    kind: SensorKind
    value: float = Field(description="In the unit of its kind; 1 is active or open, 0 is quiet or closed")
    observed_at: UtcDatetime = Field(description="UTC by the gateway's clock, when the radio heard it")
    clock_synced: bool = Field(description="False while the gateway has no network time")
    rssi_dbm: int | None = Field(default=None, ge=-127, le=20, description="Signal strength; None when not known")
    vital: Vital | None = Field(default=None, description="Only with what is measured on a body")


Seq = Annotated[int, Field(ge=1, lt=2**53)]


def _rising(numbers: tuple[int, int]) -> tuple[int, int]:
    if numbers[0] > numbers[1]:
        raise ValueError("the first number is above the last")
    return numbers


# First and last of the numbers that will never come.
GoneRange = Annotated[tuple[Seq, Seq], AfterValidator(_rising)]


class ObservationBatch(BaseModel):
    """One to 500 observations of one stream, oldest first."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: Literal[1] = 1
    gateway_id: GatewayId
    epoch: str = Field(pattern=r"^[0-9a-f]{8}$", description="Name of the outbox file; a new file starts new sequences")
    stream: Stream
    oldest_seq: int = Field(
        ge=1, lt=2**53, description="Lowest number the gateway still holds; below it nothing more will come"
    )
    sent_at: UtcDatetime = Field(description="UTC by the gateway's clock")
    observations: tuple[Observation, ...] = Field(min_length=1, max_length=500)
    gone: tuple[GoneRange, ...] = Field(
        default=(),
        max_length=501,
        description="Ranges of numbers above `oldest_seq` that were let go for want of room and will never come",
    )
