"""The people and units that steps name: by user name and code outside, by number inside."""

from sqlmodel import Session, select

from server.access.tables import Person, Unit
from server.escalation.rules import Who

# No row has it: a name nobody bears is told by the check of the policy, like one that may not be named.
_NOBODY = 0


class Naming:
    """Looks names up in one session."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def number(self, who: Who, name: str | None) -> int | None:
        """Return the number of whom a step names; None for no name, and 0, which nobody has, for an unknown one."""
        if not name:
            return None
        if who is Who.BACKUP:
            return self._db.exec(select(Unit.unit_id).where(Unit.code == name)).first() or _NOBODY
        return self._db.exec(select(Person.person_id).where(Person.username == name)).first() or _NOBODY

    def name(self, who: Who, number: int | None) -> str | None:
        """Return a user name or code; None for no number, or of somebody who is gone."""
        if number is None:
            return None
        if who is Who.BACKUP:
            return self._db.exec(select(Unit.code).where(Unit.unit_id == number)).first()
        return self._db.exec(select(Person.username).where(Person.person_id == number)).first()
