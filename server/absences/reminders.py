"""Reminds people of an absence before it ends, and asks them when somebody seems to be home again."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session, col, select

from server.absences.tables import Absence
from server.access.tables import Person
from server.alerting.rules import Severity
from server.db.session import Database
from server.live.service import changed
from server.notifications.rules import Subject
from server.notifications.service import Telling, tell
from server.residents.tables import Resident

_MOST_AT_ONCE = 100
_MINUTE_S = 60

OnDuty = Callable[[Session, int, datetime], list[int]]


def remind_due(database: Database, on_duty: OnDuty, now: datetime) -> int:
    """Remind people of every absence whose time for it has come; return of how many. A repeat changes nothing.

    Of a pause the resident began it is the resident who is reminded; of all others whoever is on duty in the unit, and
    who set it.
    """
    with database.transaction() as db:
        wanted = select(Absence, Resident).join(Resident, col(Resident.resident_id) == Absence.resident_id)
        rows = db.exec(
            wanted.where(col(Absence.remind_at) <= now, Absence.ends_at > now)
            .order_by(col(Absence.absence_id))
            .limit(_MOST_AT_ONCE)
            .with_for_update(of=Absence, skip_locked=True)
        ).all()
        for absence, resident in rows:
            _remind(db, absence, resident, on_duty, now)
    return len(rows)


def _remind(db: Session, absence: Absence, resident: Resident, on_duty: OnDuty, now: datetime) -> None:
    people = _own_accounts(db, absence) if absence.is_own else {absence.set_by, *on_duty(db, resident.unit_id, now)}
    for person_id in sorted(people):
        telling = Telling(
            person_id,
            Subject.REMINDER,
            absence.code,
            int((absence.remind_at or now).timestamp() // _MINUTE_S),
            Severity.NORMAL,
            absence.home_id,
        )
        tell(db, telling, now)
    absence.remind_at = None
    db.add(absence)
    changed(db, resident.unit_id, "resident", resident.code)


def _own_accounts(db: Session, absence: Absence) -> set[int]:
    found = db.exec(select(Person.person_id).where(Person.resident_id == absence.resident_id))
    return {number for number in found if number is not None}
