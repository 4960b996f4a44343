"""The routes that tell what is planned for a resident, what holds, and who has looked. Each look is audited."""

from datetime import timedelta

from fastapi import APIRouter
from pydantic import AwareDatetime

from server.absences.service import list_absences
from server.access.api import NowDep, ViewerDep
from server.access.tables import Role
from server.db.session import DatabaseDep
from server.overview.access_log import Access, access_log, own_log
from server.overview.service import AbsenceView, absence_view, look_at
from server.visits.service import CARERS, Visit, planned

router = APIRouter(prefix="/api", tags=["residents"])

_WEEK = timedelta(days=7)
_MONTH = timedelta(days=30)


@router.get("/residents/{resident_id}/visits")
def get_visits(
    viewer: ViewerDep,
    database: DatabaseDep,
    now: NowDep,
    resident_id: str,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
) -> list[Visit]:
    """List the planned visits that begin in [since, until), the first one first; the next week where not asked."""
    viewer.may(*CARERS, Role.RESIDENT)
    with database.transaction() as db:
        resident, _ = look_at(db, viewer, resident_id, now)
        return planned(db, resident.resident_id or 0, since or now, until or (since or now) + _WEEK)


@router.get("/residents/{resident_id}/absences")
def get_absences(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, since: AwareDatetime | None = None
) -> list[AbsenceView]:
    """List the absences and pauses that hold, are to come, or ended after `since` (30 days ago where not asked)."""
    viewer.may(*CARERS, Role.RESIDENT)
    with database.transaction() as db:
        resident, _ = look_at(db, viewer, resident_id, now)
        rows = list_absences(db, resident.resident_id or 0, since or now - _MONTH)
        return [absence_view(row, viewer) for row in rows]


@router.get("/residents/{resident_id}/access")
def get_access(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, before: int | None = None
) -> list[Access]:
    """List who has looked at a resident and done what, the newest first; go on after the `number` of the last one."""
    with database.transaction() as db:
        return access_log(db, viewer, resident_id, now, before)


@router.get("/me/access")
def get_own_access(viewer: ViewerDep, database: DatabaseDep, now: NowDep, before: int | None = None) -> list[Access]:
    """Tell a resident who has looked."""
    with database.transaction() as db:
        return own_log(db, viewer, now, before)
