"""Gateways and quarantine: what testers and administrators look at."""

from fastapi import APIRouter, Response

from caregiver_ui.pages.front import open_ids
from caregiver_ui.pages.route import PageRoute
from caregiver_ui.rendering import render
from caregiver_ui.views.technical import gateway_rows, refused_rows
from caregiver_ui.visit import VisitDep
from server.access.api import SettingsDep, ViewerDep
from server.alerting.views import list_alerts
from server.db.session import ReadDep
from server.ingest.quarantine import list_quarantined
from server.liveness.service import list_gateways

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/technical")
def get_technical(visit: VisitDep, viewer: ViewerDep, settings: SettingsDep, db: ReadDep) -> Response:
    """Show both tables. Other roles are refused by the quarantine itself."""
    refused = refused_rows(visit.speech, list_quarantined(db, viewer), visit.now)
    gateways = gateway_rows(visit.speech, list_gateways(db, viewer), visit.now, settings.link_patience)
    seen = open_ids(list_alerts(db, viewer, "open"))
    return render(visit, "technical.html", refused=refused, gateways=gateways, open_ids=seen)
