"""The routes of gateways: how they are, what of theirs is stored, and what could not be."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel

from server.access.api import ViewerDep
from server.access.service import Viewer
from server.access.tables import Role
from server.db.session import ReadDep
from server.errors import NotFoundError
from server.ingest import quarantine
from server.liveness.service import list_gateways
from server.observations.service import count_by_stream, streams_of
from server.observations.tables import StreamRow
from server.residents.service import sensors_of
from server.residents.tables import Gateway, Home, Sensor

router = APIRouter(prefix="/api", tags=["gateways"])


class SensorOut(BaseModel):
    """A sensor as it was last heard. `proven_at`: when a fact of it last came all the way; a test press renews it."""

    sensor_id: str
    room: str
    kinds: list[str]
    last_heard_at: datetime | None
    silent_since: datetime | None
    proven_at: datetime | None
    rssi_dbm: int | None
    battery_percent: float | None
    troubles: dict[str, int]


class GatewayOut(BaseModel):
    """A gateway and what the server has of it."""

    gateway_id: str
    home: str
    state: Literal["heard", "silent", "never heard"]
    last_heartbeat_at: datetime | None
    knows_until: datetime | None
    waiting: int
    stored: int
    quarantined: int
    streams: list[dict[str, Any]]
    troubles: dict[str, int]
    oldest_waiting_at: datetime | None
    dropped: dict[str, int]
    deaf_since: datetime | None
    deaf_radios: dict[str, str]
    radio_steps: dict[str, int]
    software: str | None
    starts: int
    clock_synced: bool | None
    clock_ahead_s: float | None
    clock_jumps: int
    disk_free_mb: int | None
    enrolled_at: datetime | None
    revoked_at: datetime | None
    sensors: list[SensorOut]


class QuarantineOut(BaseModel):
    """Something that could not be stored."""

    id: int
    received_at: datetime
    topic: str
    reason: str
    payload: str
    times: int


@router.get("/gateways")
def get_gateways(viewer: ViewerDep, db: ReadDep) -> list[GatewayOut]:
    """List the unit's gateways with what is stored of each."""
    viewer.may(Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)
    return _gateways(db, viewer)


@router.get("/gateways/{gateway_id}")
def get_one_gateway(viewer: ViewerDep, db: ReadDep, gateway_id: str) -> GatewayOut:
    """Show one gateway."""
    viewer.may(Role.NURSE, Role.STAFF, Role.TESTER, Role.ADMIN)
    for gateway in _gateways(db, viewer, gateway_id):
        return gateway
    raise NotFoundError("gateway")


@router.get("/quarantine")
def get_quarantine(viewer: ViewerDep, db: ReadDep) -> list[QuarantineOut]:
    """List what could not be stored, newest first."""
    rows = quarantine.list_quarantined(db, viewer)
    return [
        QuarantineOut(
            id=row.quarantine_id or 0,
            received_at=row.received_at,
            topic=row.topic,
            reason=row.reason,
            payload=row.payload.decode(errors="replace"),
            times=row.times,
        )
        for row in rows
    ]


def _gateways(db: ReadDep, viewer: Viewer, only: str | None = None) -> list[GatewayOut]:
    rows = list_gateways(db, viewer, only)
    ids = [gateway.gateway_id or 0 for gateway, _ in rows]
    counts = _Counts(count_by_stream(db, ids), quarantine.count_by_stream(db))
    streams, sensors = defaultdict(list), defaultdict(list)
    for stream in streams_of(db, ids):
        streams[stream.gateway_id].append(stream)
    for sensor in sensors_of(db, {gateway.home_id for gateway, _ in rows}):
        sensors[sensor.home_id].append(_sensor_out(sensor))
    return [
        _gateway_out(
            gateway,
            home,
            [_stream_out(stream, counts) for stream in streams[gateway.gateway_id or 0]],
            sensors[gateway.home_id],
        )
        for gateway, home in rows
    ]


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many facts of each stream there are."""

    stored: dict[int, int]
    refused: dict[int, int]


def _stream_out(stream: StreamRow, counts: _Counts) -> dict[str, Any]:
    number = stream.stream_id or 0
    return {
        "epoch": stream.epoch,
        "stream": stream.stream,
        "up_to_seq": stream.up_to_seq,
        "lost": stream.lost,
        "stored": counts.stored.get(number, 0),
        "quarantined": counts.refused.get(number, 0),
    }


def _gateway_out(gateway: Gateway, home: Home, streams: list[dict[str, Any]], sensors: list[SensorOut]) -> GatewayOut:
    heard = gateway.last_heard_at is not None
    return GatewayOut(
        gateway_id=gateway.code,
        home=home.code,
        state="never heard" if not heard else "heard" if gateway.due_at is not None else "silent",
        last_heartbeat_at=gateway.last_heard_at,
        knows_until=gateway.knows_until,
        waiting=gateway.waiting,
        stored=sum(stream["stored"] for stream in streams),
        quarantined=sum(stream["quarantined"] for stream in streams),
        streams=streams,
        troubles=gateway.troubles,
        sensors=sensors,
        **{name: getattr(gateway, name) for name in _TOLD_AS_IS},
    )


_TOLD_AS_IS = (
    "oldest_waiting_at", "dropped", "deaf_since", "deaf_radios", "radio_steps", "software", "starts", "clock_synced",
    "clock_ahead_s", "clock_jumps", "disk_free_mb", "enrolled_at", "revoked_at",
)  # fmt: skip


def _sensor_out(sensor: Sensor) -> SensorOut:
    return SensorOut(
        sensor_id=sensor.address,
        room=sensor.room,
        kinds=sensor.kinds,
        last_heard_at=sensor.last_heard_at,
        silent_since=sensor.silent_since,
        proven_at=sensor.last_proven_at,
        rssi_dbm=sensor.rssi_dbm,
        battery_percent=sensor.battery_percent,
        troubles=sensor.troubles,
    )
