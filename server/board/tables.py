"""Tables of what people say of devices' faults, and of the screens on walls."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from server.board.rules import Fault, MarkKind
from server.db.types import EnumText, UtcDateTime


class DeviceMark(SQLModel, table=True):
    """A comment on a device's fault, or its snooze. It ends by itself: on contact, and at `until` at the latest."""

    __tablename__ = "device_mark"

    device_mark_id: int | None = Field(default=None, primary_key=True)
    home_id: int = Field(foreign_key="home.home_id", index=True)
    device: str = Field(description="A sensor's address or a gateway's name")
    fault: Fault = Field(sa_type=EnumText(Fault))
    kind: MarkKind = Field(sa_type=EnumText(MarkKind))
    person_id: int = Field(foreign_key="person.person_id")
    why: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    until: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class BoardScreen(SQLModel, table=True):
    """A screen on a wall, which shows one unit and can do nothing. Of code and token only the hashes are kept."""

    __tablename__ = "board_screen"

    board_screen_id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, description="Opaque name in URLs and the API")
    unit_id: int = Field(foreign_key="unit.unit_id", index=True)
    name: str = Field(description="Where it hangs")
    made_by: int = Field(foreign_key="person.person_id")
    made_at: datetime = Field(sa_type=UtcDateTime)
    one_time_hash: str | None = Field(default=None, unique=True, description="Of the code to type in; None once used")
    one_time_ends_at: datetime = Field(sa_type=UtcDateTime)
    token_hash: str | None = Field(default=None, unique=True, description="None before it was opened")
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime, description="When it last asked, by the minute")
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
