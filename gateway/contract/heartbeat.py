"""A gateway's sign of life: what it has, what it hears, and what troubles it."""

from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gateway.contract.home_config import ConfigMark
from gateway.contract.observation import GatewayId, SensorId, SensorKind, Stream, UtcDatetime

Count = Annotated[int, Field(ge=1)]


def _known_among(names: Collection[str]) -> Callable[[object], object]:
    """Leave out what a newer gateway counts and we have no word for: its home is not cut off for that."""

    def known(counts: object) -> object:
        return {name: count for name, count in counts.items() if name in names} if isinstance(counts, dict) else counts

    return known


class StreamHead(BaseModel):
    """How far one stream has come: every fact heard before the heartbeat has a number up to `last_seq`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stream: Stream
    last_seq: int = Field(ge=0, lt=2**53, description="0 when nothing was ever written")
    waiting: int = Field(ge=0, description="Written and not yet covered by a receipt")


class Trouble(StrEnum):
    """What a gateway counts and never hides."""

    UNKNOWN_SENSOR = "unknown_sensor"  # heard, of a family we read, and not in this home's configuration
    UNDECODABLE = "undecodable"  # a known sensor sent what its family's parser cannot read
    WRONG_KEY = "wrong_key"  # encrypted, and our key does not open it
    NOT_ENCRYPTED = "not_encrypted"  # plain, from a sensor whose key we have: refused
    REPLAYED = "replayed"  # an encryption counter that does not rise: refused
    OUTBOX_SET_ASIDE = "outbox_set_aside"  # the file on disk was damaged; it was kept beside and a new one begun
    BAD_CONFIG = "bad_config"  # a configuration that could not be read; the last good one stays
    OLD_CONFIG = "old_config"  # one came that is not newer than ours and is another: a server that has lost its memory
    OUTBOX_FULL = "outbox_full"  # something was let go to make room; the heartbeat tells what
    DISK_REFUSED = "disk_refused"  # the disk did not take what was heard; it waited in memory
    CLOCK_JUMPED = "clock_jumped"  # the clock was set while the program ran
    NO_RECEIPT = "no_receipt"  # a call for help that the server did not confirm in time
    FALLBACK_FAILED = "fallback_failed"  # what should have been done about it here did not work
    VISIT_FAILED = "visit_failed"  # a device that measures showed itself and could not be connected to
    CERTIFICATE_ENDS = "certificate_ends"  # the gateway's own is missing or ends soon, and no other is to be had


Troubles = Annotated[dict[Trouble, Count], BeforeValidator(_known_among(list(Trouble)))]


class SensorHealth(BaseModel):
    """When one sensor of the home was last heard, and what was wrong with what it sent."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sensor_id: SensorId
    last_heard_at: UtcDatetime | None = Field(default=None, description="None while nothing from it could be used")
    rssi_dbm: int | None = None
    battery_percent: float | None = Field(default=None, ge=0, le=100)
    troubles: Troubles = Field(default_factory=dict, description="Of this sensor alone, since the program started")


class DeafRadio(BaseModel):
    """A radio of the gateway that hears nothing."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(max_length=100)
    since: UtcDatetime


class Heartbeat(BaseModel):
    """Sent every 60 s. `sent_at` with `heads` says up to when the server knows all there is to know about the home."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: Literal[1] = 1
    gateway_id: GatewayId
    boot_id: str = Field(pattern=r"^[0-9a-f]{8}$", description="New at each start of the program")
    software: str = Field(max_length=32, description="Version of the gateway program")
    started_at: UtcDatetime
    sent_at: UtcDatetime
    clock_synced: bool
    config_version: int = Field(
        default=0, ge=0, lt=2**31 - 1, description="Of the home's configuration in use; 0 when there is none"
    )
    config_mark: ConfigMark | None = Field(
        default=None, description="Its mark; None where it has none, or where there is no configuration"
    )
    epoch: str = Field(pattern=r"^[0-9a-f]{8}$")
    heads: tuple[StreamHead, ...]
    oldest_waiting_at: UtcDatetime | None = Field(default=None, description="None when nothing waits")
    deaf_since: UtcDatetime | None = Field(default=None, description="None while the radio listens")
    sensors: Annotated[tuple[SensorHealth, ...], Field(max_length=200)] = ()
    troubles: Troubles = Field(default_factory=dict, description="Counts since the program started")
    dropped: Annotated[dict[SensorKind, Count], BeforeValidator(_known_among(list(SensorKind)))] = Field(
        default_factory=dict, description="Observations let go for want of room, since the outbox file was begun"
    )
    deaf_radios: Annotated[tuple[DeafRadio, ...], Field(max_length=20)] = ()
    radio_steps: dict[str, Count] = Field(
        default_factory=dict,
        max_length=50,
        description="What was done, and how often, to make a radio hear again, since the program started; `give_up` "
        "counts over the starts that followed, until a radio hears again",
    )
    starts: int = Field(
        default=0, ge=0, description="How often the program was started on this outbox file; 0: unknown"
    )
    clock_jumps: int = Field(default=0, ge=0, description="How often the clock was set since the program started")
    clock_jump_s: float | None = Field(
        default=None, allow_inf_nan=False, description="The last jump in seconds; positive: forwards. None without one"
    )
    disk_free_mb: int | None = Field(default=None, ge=0, description="Free space where the outbox lies")


class PresenceState(StrEnum):
    """Whether the link to the broker stands."""

    HERE = "here"
    GONE = "gone"


class Presence(BaseModel):
    """Sent on connecting; the broker sends the other half as the last will when the link breaks."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: Literal[1] = 1
    gateway_id: GatewayId
    boot_id: str = Field(pattern=r"^[0-9a-f]{8}$")
    state: PresenceState
