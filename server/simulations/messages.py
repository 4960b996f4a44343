"""What a running simulator tells of a home. A tolerant reader: fields it does not know are passed over."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=100)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
Kind = Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,39}$")]
Metres = Annotated[float, Field(ge=-1_000, le=1_000)]
Size = Annotated[float, Field(gt=0, le=1_000)]


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Room(_Told):
    """A rectangle: its south-west corner and its size in metres; y grows to the north."""

    name: Name
    left: Metres
    bottom: Metres
    width: Size
    depth: Size


class Place(_Told):
    """Something at a point of the plan."""

    name: Name
    x: Metres
    y: Metres


class Door(Place):
    """A doorway; `is_outer` when it leads out."""

    is_outer: bool = False


class HungSensor(Place):
    """A sensor on the wall. `room`: which place it tells of."""

    room: Name
    kinds: tuple[Kind, ...] = Field(max_length=10)


class Choice(_Told):
    """A scenario or a fault that can be asked for; `title` is for a code that the reader has no words for."""

    code: Code
    title: Name


class HomePlan(_Told):
    """A home as it is set up, and what can be asked of it."""

    profile: str = Field(default="", max_length=100)
    is_recording: bool = Field(default=False, description="Of a real home: its plan is not known, its rooms are tiles")
    rooms: tuple[Room, ...] = Field(min_length=1, max_length=60)
    doors: tuple[Door, ...] = Field(default=(), max_length=60)
    furniture: tuple[Place, ...] = Field(default=(), max_length=100)
    sensors: tuple[HungSensor, ...] = Field(default=(), max_length=200)
    scenarios: tuple[Choice, ...] = Field(default=(), max_length=100)
    faults: tuple[Choice, ...] = Field(default=(), max_length=50)


class BeingKind(StrEnum):
    """Who somebody in a home is."""

    RESIDENT = "resident"
    PERSON = "person"  # who lives or stays there as well
    VISITOR = "visitor"
    PET = "pet"


class Being(_Told):
    """Where somebody is. `room` and the point are None outside."""

    name: Name
    kind: BeingKind
    room: Name | None = None
    x: Metres | None = None
    y: Metres | None = None
    doing: Code


class LastPacket(_Told):
    """What a sensor told last."""

    sensor: Name
    at: AwareDatetime
    value: float


class HomeState(_Told):
    """A home at a moment of its world. `speed`: world seconds in a real second."""

    at: AwareDatetime
    speed: float = Field(gt=0)
    is_running: bool
    beings: tuple[Being, ...] = Field(default=(), max_length=20)
    packets: tuple[LastPacket, ...] = Field(default=(), max_length=400)
    faults: tuple[Code, ...] = Field(default=(), max_length=50)


class _Truth(_Told):
    begins_at: AwareDatetime
    ends_at: AwareDatetime | None = None


class Watched(_Truth):
    """From when on the home counts."""

    what: Literal["watched"]


class Expected(_Truth):
    """Must be alerted by any of `kinds`, from `begins_at` on and not later than `within` after it."""

    what: Literal["expected"]
    label: Name
    kinds: tuple[Kind, ...] = Field(min_length=1, max_length=20)
    within: timedelta = Field(gt=timedelta(0))


class Forbidden(_Truth):
    """Must not be alerted meanwhile; `kinds` None: no alert about the person at all."""

    what: Literal["forbidden"]
    label: Name
    reason: str = Field(max_length=500)
    kinds: tuple[Kind, ...] | None = None


TruthLine = Annotated[Watched | Expected | Forbidden, Field(discriminator="what")]


def watched_since(lines: tuple[TruthLine, ...]) -> datetime | None:
    """Return from when on a home counts; None where it does not yet."""
    return min((line.begins_at for line in lines if isinstance(line, Watched)), default=None)
