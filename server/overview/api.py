"""The routes of residents: how they fare, and what was measured of them."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, Field

from gateway.contract.doubt import Doubt, Meal
from gateway.contract.observation import SensorKind
from server.access.api import NowDep, SettingsDep, ViewerDep
from server.db.session import DatabaseDep, ReadDep
from server.overview.relative import RelativeView, view_of
from server.overview.service import VITALS_SHOWN, DayView, ResidentView, get_resident, get_vitals, list_residents
from server.vitals.rules import CODES
from server.vitals.service import StoredVital

router = APIRouter(prefix="/api/residents", tags=["residents"])


@router.get("")
def get_residents(viewer: ViewerDep, db: ReadDep, now: NowDep, settings: SettingsDep) -> list[ResidentView]:
    """List the residents this person may see."""
    return list_residents(db, viewer, now, settings.link_patience)


class ResidentOut(BaseModel):
    """A resident with the last week."""

    resident: ResidentView
    week: tuple[DayView, ...]


@router.get("/{resident_id}")
def get_one_resident(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, settings: SettingsDep, resident_id: str
) -> ResidentOut:
    """Show one resident. The look is audited."""
    with database.transaction() as db:
        detail = get_resident(db, viewer, resident_id, now, settings.link_patience)
    return ResidentOut(resident=detail.resident, week=detail.week)


@router.get("/{resident_id}/agreements/{relative}/view")
def get_relative_view(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, settings: SettingsDep, resident_id: str, relative: int
) -> RelativeView:
    """Show exactly what a relative sees: to the relative, the resident, and staff. The look is audited."""
    with database.transaction() as db:
        return view_of(db, viewer, resident_id, relative, now, settings.link_patience)


class VitalOut(BaseModel):
    """A value measured on a body. `loinc`, `unit` (UCUM): None where a device measured and no value came of it."""

    kind: SensorKind
    loinc: str | None
    unit: str | None
    value: float | None
    measured_at: datetime
    by_device_clock: bool = Field(description="False: the device's clock told nothing; this is when it was fetched")
    device_user: int | None
    doubts: tuple[Doubt, ...]
    meal: Meal | None
    missed: SensorKind | None = Field(description="What should have come of a measurement without a value")


@router.get("/{resident_id}/vitals")
def get_resident_vitals(
    viewer: ViewerDep, database: DatabaseDep, now: NowDep, resident_id: str, since: AwareDatetime | None = None
) -> list[VitalOut]:
    """List what was measured of a resident, oldest first; of the last 30 days where nothing else is asked for."""
    with database.transaction() as db:
        vitals = get_vitals(db, viewer, resident_id, since or now - VITALS_SHOWN, now)
    return [_vital_out(vital) for vital in vitals]


def _vital_out(vital: StoredVital) -> VitalOut:
    code = CODES.get(vital.kind)
    return VitalOut(
        kind=vital.kind,
        loinc=code and code.loinc,
        unit=code and code.ucum,
        value=vital.value if code else None,
        measured_at=vital.measured_at,
        by_device_clock=vital.by_device_clock,
        device_user=vital.device_user,
        doubts=vital.doubts,
        meal=vital.meal,
        missed=vital.missed,
    )
