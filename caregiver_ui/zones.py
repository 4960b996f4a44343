"""The time zone of each resident's home: times are told as they are on the resident's own clock."""

from collections.abc import Mapping
from datetime import tzinfo
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from server.access.service import Viewer
from server.residents.tables import Home, Resident


def home_zones(db: Session, viewer: Viewer) -> Mapping[str, tzinfo]:
    """Return the zones of the viewer's unit by the resident's opaque name."""
    wanted = select(Resident.code, Home.time_zone).join(Home, col(Home.home_id) == Resident.home_id)
    return {code: ZoneInfo(zone) for code, zone in db.exec(wanted.where(col(Resident.unit_id).in_(viewer.units)))}
