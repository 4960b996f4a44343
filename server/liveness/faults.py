"""Alerts for faults that several sensors of a home may have at once: one for the home, which names those sensors."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, cease_in_home, open_alerts, raise_in_home
from server.alerting.tables import AlertRow
from server.live.service import changed
from server.liveness.rules import is_battery_told, is_told_again
from server.residents.tables import Sensor


def keep_true(db: Session, home_id: int, kind: AlertKind, reasons: Sequence[Reason], now: datetime) -> None:
    """Close a home's open alert where no reason is left; until then let it give the present ones."""
    if not reasons:
        cease_in_home(db, home_id, kind, now, closes=True)
        return
    present = [reason.as_json() for reason in reasons]
    for row in open_alerts(db, home_id, kind):
        if row.reasons != present:
            row.reasons = present
            db.add(row)
            changed(db, row.unit_id, "alert", row.code)


def note_batteries(db: Session, sensors: Sequence[Sensor], home_id: int, now: datetime) -> None:
    """Tell of batteries that want changing: once for each sensor, and again after a day if nobody has changed it."""
    reasons = [
        Reason("battery_low", {"sensor": sensor.address, "room": sensor.room, "kinds": sensor.kinds})
        for sensor in sensors
        if is_battery_told(sensor.battery_low_since, sensor.battery_percent, now)
    ]
    keep_true(db, home_id, AlertKind.BATTERY_LOW, reasons, now)
    if reasons and not _is_told(db, home_id, reasons, now):
        raise_in_home(db, home_id, Raised(AlertKind.BATTERY_LOW, now, now, reasons=tuple(reasons)), now)


def _is_told(db: Session, home_id: int, reasons: Sequence[Reason], now: datetime) -> bool:
    last = last_alert(db, home_id, AlertKind.BATTERY_LOW)
    if last is None or is_told_again(last.closed_at, now):
        return False
    named = {reason["sensor"] for reason in last.reasons}
    return named.issuperset(reason.figures["sensor"] for reason in reasons)


def last_alert(db: Session, home_id: int, kind: AlertKind) -> AlertRow | None:
    """Return a home's newest alert of a kind, closed or not."""
    wanted = select(AlertRow).where(AlertRow.home_id == home_id, AlertRow.kind == kind)
    return db.exec(wanted.order_by(col(AlertRow.alert_id).desc()).limit(1)).first()
