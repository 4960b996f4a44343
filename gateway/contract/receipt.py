"""What the server tells a gateway it has on disk; the only reason for the gateway to forget."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.contract.observation import Stream


class Receipt(BaseModel):
    """Everything of this stream up to and including `up_to_seq` is on the server's disk. A repeat is harmless."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: Literal[1] = 1
    epoch: str = Field(pattern=r"^[0-9a-f]{8}$")
    stream: Stream
    up_to_seq: int = Field(ge=0, lt=2**53)
