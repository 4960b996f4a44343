"""Pages for everybody: what the service is, shown on an invented home, and how usable it is for all."""

from datetime import date
from typing import Final

from fastapi import APIRouter, Response

from caregiver_ui.pages.route import PageRoute
from caregiver_ui.rendering import render
from caregiver_ui.views.showcase import showcase
from caregiver_ui.visit import GuestDep

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# When the pages were last gone through for the statement: to be set anew with each assessment.
_ASSESSED: Final = date(2026, 11, 26)


@router.get("/showcase")
def get_showcase(visit: GuestDep) -> Response:
    """Explain the service on an invented home. Without log-in, and of nobody."""
    return render(visit, "showcase.html", is_public=True, shown=showcase(visit.speech))


@router.get("/accessibility")
def get_accessibility(visit: GuestDep) -> Response:
    """State how far the pages keep to WCAG 2.2 AA, what is known to be wanting, and how to report more."""
    assessed = f"{visit.speech.long_day(_ASSESSED)} {_ASSESSED.year}"
    return render(visit, "accessibility.html", is_public=True, assessed=assessed)
