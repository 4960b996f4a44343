"""Table of what changed: open pages follow it, in whichever process they are served."""

from sqlalchemy import Table
from sqlmodel import Field, SQLModel

from server.db.types import BIG_ID


class ChangeRow(SQLModel, table=True):
    """One change. It carries only an opaque name; a page fetches the rest with its own user's rights."""

    __tablename__ = "change"

    change_id: int | None = Field(default=None, primary_key=True, sa_type=BIG_ID)
    unit_id: int
    person_id: int | None = Field(default=None, description="For this person only; None for the whole unit")
    what: str
    name: str


CHANGE: Table = ChangeRow.__table__  # type: ignore[attr-defined]
