"""Table of what could not be stored as a fact, kept with the reason."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary
from sqlmodel import Field, SQLModel

from server.db.types import BIG_ID, UtcDateTime


class QuarantineRow(SQLModel, table=True):
    """One message, or one item of a batch, that was received and could not be stored. Nothing is thrown away."""

    __tablename__ = "quarantine"
    # An item is quarantined once however often its batch is sent again; a message that names no item has no key.
    __table_args__ = (Index("quarantine_item", "stream_id", "seq", unique=True),)

    quarantine_id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
    topic: str
    reason: str
    payload: bytes = Field(sa_type=LargeBinary)
    stream_id: int | None = Field(default=None)
    seq: int | None = Field(default=None, sa_type=BigInteger)
    digest: str | None = Field(
        default=None,
        unique=True,
        description="Of a whole message: sent again it is kept once, and counted. None for items",
    )
    times: int = 1
