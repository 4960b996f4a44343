"""Why a home's sensors are told of: some are not heard, others are heard and see nothing, or fire by themselves."""

from sqlmodel import Session, col, select

from models.finding import FindingKind
from server.alerting.rules import AlertKind
from server.alerting.service import Reason
from server.detection.facts import sight_of
from server.detection.tables import FindingRow
from server.residents.tables import Sensor

# What also shows by how sensors behave.
BY_BEHAVIOUR = (AlertKind.SENSOR_SILENT, AlertKind.SENSOR_FLAPPING)


def sensor_reasons(db: Session, home_id: int, kind: AlertKind) -> tuple[Reason, ...]:
    """Return what there is to tell of one of the kinds in a home. A sensor is told of once, for what is plainest."""
    silent = _silent(db, home_id) if kind is AlertKind.SENSOR_SILENT else ()
    unheard = _places(silent)
    findings = lasting_findings(db, home_id, kind)
    found = tuple(_reason(row) for row in findings if place_of(row) not in unheard)
    unseen = (Reason("home_unseen", {}),) if silent and sight_of(db, home_id).is_blind else ()
    return (*unseen, *(_of_sensor(sensor) for sensor in silent), *found)


def is_unheard(db: Session, row: FindingRow) -> bool:
    """Return whether nothing at all is heard of the sensor a finding is about: that is told already."""
    return place_of(row) in _places(_silent(db, row.home_id))


def lasting_findings(db: Session, home_id: int, kind: AlertKind) -> list[FindingRow]:
    """Return what was found of a home's sensors and lasts."""
    of_kind = select(FindingRow).where(FindingRow.home_id == home_id, FindingRow.kind == FindingKind(kind.value))
    return list(db.exec(of_kind.where(col(FindingRow.ended_at).is_(None)).order_by(col(FindingRow.finding_id))))


def place_of(row: FindingRow) -> tuple[str, str]:
    """Return what the sensor a finding is about measures, and where."""
    return row.reasons[0]["kind"], row.reasons[0]["room"]


def _silent(db: Session, home_id: int) -> list[Sensor]:
    wanted = select(Sensor).where(Sensor.home_id == home_id, col(Sensor.silent_since).is_not(None))
    return list(db.exec(wanted.order_by(col(Sensor.sensor_id))))


def _places(sensors: list[Sensor] | tuple[()]) -> set[tuple[str, str]]:
    return {(sensor.reads_as.get(kind, kind), sensor.room) for sensor in sensors for kind in sensor.kinds}


def _of_sensor(sensor: Sensor) -> Reason:
    figures = {
        "sensor": sensor.address, "room": sensor.room, "kinds": sensor.kinds,
        "since": sensor.silent_since.isoformat() if sensor.silent_since else None,
    }  # fmt: skip
    return Reason("sensor_silent", figures)


def _reason(row: FindingRow) -> Reason:
    told = row.reasons[0]
    return Reason(told["key"], {name: figure for name, figure in told.items() if name != "key"})
