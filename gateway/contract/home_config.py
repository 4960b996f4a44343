"""What the server tells a gateway about its home: which sensor hangs where."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.contract.observation import GatewayId, RoomCode, SensorId, SensorKind


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


class HomeConfig(BaseModel):
    """The gateway's home. Retained on the broker; a newer `version` replaces an older one without a restart."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: Literal[1] = 1
    version: int = Field(ge=1)
    gateway_id: GatewayId
    sensors: Annotated[tuple[SensorConfig, ...], Field(max_length=200)]
