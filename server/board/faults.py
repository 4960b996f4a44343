"""Which faults a gateway or a sensor has now, by its row: nobody can close one, only contact ends it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from server.board.rules import Fault, Found
from server.liveness.rules import PROOF_LASTS, is_battery_told, is_unproven, is_weak
from server.residents.tables import Gateway, Sensor


def faults_of_gateway(gateway: Gateway, now: datetime, patience: timedelta) -> Iterator[Found]:
    """Give what is wrong with a gateway. One that is not heard has that fault alone: of the others nobody knows."""
    if gateway.last_heard_at is None or now - gateway.last_heard_at > patience:
        yield Found(Fault.GATEWAY_SILENT, gateway.last_heard_at)
        return
    if gateway.deaf_since is not None:
        yield Found(Fault.GATEWAY_DEAF, gateway.deaf_since)
    if gateway.clock_synced is False:
        yield Found(Fault.CLOCK_UNSET, None)


def faults_of_sensor(sensor: Sensor, suspect: Fault | None, now: datetime) -> Iterator[Found]:
    """Give what is wrong with a sensor. `suspect`: what its behaviour shows, though it is heard."""
    if sensor.silent_since is not None:
        yield Found(Fault.SENSOR_SILENT, sensor.silent_since)
    elif suspect is not None:
        yield Found(suspect, None)
    if is_battery_told(sensor.battery_low_since, sensor.battery_percent, now):
        yield Found(Fault.BATTERY_LOW, sensor.battery_low_since)
    if is_weak(sensor.weak_since, now):
        yield Found(Fault.WEAK_SIGNAL, sensor.weak_since)
    if is_unproven(sensor.last_proven_at, now):
        proven = sensor.last_proven_at
        yield Found(Fault.UNPROVEN, None if proven is None else proven + PROOF_LASTS)
