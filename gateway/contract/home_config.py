"""What the server tells a gateway about its home: which sensor hangs where."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.contract.observation import GatewayId, RoomCode, SensorId, SensorKind

# Tells two configurations of the same version apart: a server that lost its database counts from the beginning.
ConfigMark = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]

# As Home Assistant names one: its domain, a point, its own name.
EntityId = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,64}\.[a-z0-9_]{1,255}$")]


class SensorConfig(BaseModel):
    """One sensor of the home."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sensor_id: SensorId
    room: RoomCode
    bind_key: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = Field(
        default=None, description="Its encryption key; with one, plain packets from it are refused"
    )
    reads_as: dict[SensorKind, SensorKind] = Field(
        default_factory=dict,
        description="What its measurements mean in this home: a door contact under a mattress reads as a bed, say",
    )
    count_renewed: int = Field(
        default=0,
        ge=0,
        description="How often its encryption counter was allowed to begin anew, after a change of its battery. A "
        "higher number than before lets the next packet set the counter, however low",
    )
    shown_in_home_assistant: Annotated[tuple[SensorKind, ...], Field(max_length=50)] = Field(
        default=(),
        description="What of it the home's own Home Assistant may show: by the resident's wish, each kind by itself",
    )
    home_assistant_entities: dict[EntityId, SensorKind] = Field(
        default_factory=dict,
        max_length=20,
        description="Entities of the home's own Home Assistant that stand for it, and what the state of each is about",
    )


class HomeConfig(BaseModel):
    """The gateway's home. Retained on the broker; a newer `version` replaces an older one without a restart."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: Literal[1] = 1
    version: int = Field(ge=1, lt=2**31)
    mark: ConfigMark | None = Field(default=None, description="Another one for each change; the heartbeat tells it")
    gateway_id: GatewayId
    sensors: Annotated[tuple[SensorConfig, ...], Field(max_length=200)]
