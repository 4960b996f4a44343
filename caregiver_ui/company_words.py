"""Who keeps a resident company, for staff: at the resident and at alerts."""

from sqlmodel import Session

from caregiver_ui.views.relative import company_line
from caregiver_ui.visit import Visit
from server.access.service import Viewer
from server.relatives.company import company_of
from server.relatives.service import resident_for


def company_words(db: Session, visit: Visit, viewer: Viewer, resident_id: str | None) -> tuple[str, ...]:
    """Return a line for each relative who is there or comes later; nothing for an alert about nobody."""
    if resident_id is None:
        return ()
    resident, zone = resident_for(db, viewer, resident_id)
    company = company_of(db, [resident.resident_id or 0], visit.now, viewer)
    return tuple(company_line(visit.speech, one, zone, visit.now).words for one in company)
