"""Hears gateways' signs of life, and notices when they stop."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select, update

from gateway.contract.heartbeat import Heartbeat, Presence, PresenceState
from server.access.service import Viewer
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, cease_in_home, lock_open, raise_in_home
from server.audit.service import append
from server.db.session import Database
from server.db.types import from_ms, to_ms
from server.detection.due import make_due_if_awaited
from server.live.service import all_changed, changed
from server.liveness.hearing import note_hearing
from server.liveness.outages import end_outages, no_outage_of, tell_outages
from server.liveness.rules import Claim, is_ahead, is_settled, later
from server.liveness.sensors import OF_SENSORS, HeardSensors, note_sensors, tell_sensors
from server.liveness.silences import begin_silences, end_silences
from server.observations.rules import reckon
from server.observations.tables import StreamRow
from server.residents.service import renew_config, residents_in
from server.residents.tables import Gateway, Home

_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Beat:
    """A heartbeat and the gateway that sent it."""

    gateway: Gateway
    told: Heartbeat


def hear_heartbeats(db: Session, beats: Sequence[Beat], now: datetime, patience: timedelta) -> list[bool]:
    """Note signs of life of gateways (rows locked) and what they tell; return of each whether it has our configuration.

    What changes nothing but the time costs a row for the gateway and one for each sensor heard since: no look at alerts
    one by one, for of nearly all homes there is none.
    """
    silent = [beat.gateway for beat in beats if beat.gateway.due_at is None]
    end_silences(db, now, gateways=_overdue([beat.gateway for beat in beats], now, patience))
    heard = [HeardSensors(beat.gateway.home_id, beat.told, _note(beat, now, patience)) for beat in beats]
    # All lock gateway, stream, home, sensor, alert and audit in this order.
    settle_claims(db, [beat.gateway for beat in beats], now)
    troubled = note_sensors(db, heard, now, patience)
    is_open = lock_open(db, {beat.gateway.home_id for beat in beats}, _OF_A_HEARTBEAT)
    _no_longer_silent(db, silent, is_open, now)
    tell_sensors(db, troubled | {home_id for home_id, kind in is_open if kind in OF_SENSORS}, now)
    for beat in beats:
        if beat.told.deaf_since is not None or (beat.gateway.home_id, AlertKind.GATEWAY_DEAF) in is_open:
            note_hearing(db, beat.gateway, beat.told, now, patience)
    return [_has_our_config(db, beat.gateway, beat.told, now) for beat in beats]


_OF_A_HEARTBEAT = (AlertKind.GATEWAY_SILENT, AlertKind.GATEWAY_DEAF, *OF_SENSORS)


def _note(beat: Beat, now: datetime, patience: timedelta) -> bool:
    """Note what a heartbeat tells of its gateway; return whether that has only begun to listen."""
    gateway, told = beat.gateway, beat.told
    fresh_ears = gateway.boot != told.boot_id or (gateway.deaf_since is not None and told.deaf_since is None)
    gateway.last_heard_at, gateway.due_at = now, now + patience
    runs_for = told.sent_at - told.started_at
    if runs_for >= timedelta(0):  # else its clock was set since, and nobody knows
        gateway.started_at = now - runs_for
    gateway.boot, gateway.software, gateway.clock_synced = told.boot_id, told.software, told.clock_synced
    gateway.deaf_since, gateway.waiting = told.deaf_since, sum(head.waiting for head in told.heads)
    gateway.troubles = {str(trouble): count for trouble, count in told.troubles.items()}
    gateway.oldest_waiting_at, gateway.disk_free_mb = told.oldest_waiting_at, told.disk_free_mb
    gateway.dropped = {str(kind): count for kind, count in told.dropped.items()}
    gateway.deaf_radios = {radio.name: radio.since.isoformat() for radio in told.deaf_radios}
    gateway.starts, gateway.clock_jumps = told.starts, told.clock_jumps
    gateway.radio_steps = dict(told.radio_steps)
    gateway.clock_ahead_s = (told.sent_at - now).total_seconds()
    _note_claim(gateway, told, now, patience)
    return fresh_ears


def hear_presences(db: Session, told: Sequence[tuple[Gateway, Presence]], now: datetime, patience: timedelta) -> None:
    """Note which gateways (rows locked) connected. A broken link alone is not yet a fault."""
    here = [gateway for gateway, presence in told if presence.state is PresenceState.HERE]
    silent = [gateway for gateway in here if gateway.due_at is None]
    end_silences(db, now, gateways=_overdue(here, now, patience))
    for gateway in here:
        gateway.last_heard_at, gateway.due_at = now, now + patience
    db.add_all(here)
    is_open = lock_open(db, {gateway.home_id for gateway in silent}, (AlertKind.GATEWAY_SILENT,)) if silent else set()
    _no_longer_silent(db, silent, is_open, now)


_MARKS = select(StreamRow.gateway_id, StreamRow.epoch, StreamRow.stream, StreamRow.up_to_seq).where(
    col(StreamRow.gateway_id).in_(bindparam("gateway_ids", expanding=True))
)


def settle_claims(db: Session, gateways: Sequence[Gateway], now: datetime) -> None:
    """Move the moment up to which homes are known, once all that a heartbeat told of has arrived.

    A claim that waits for facts on their way is kept, so that a gateway that is always a little behind is still known
    up to a moment ago; the newest after it is kept beside it, so that one who has caught up need not beat again.
    """
    claiming = [gateway for gateway in gateways if gateway.claim is not None]
    if not claiming:
        return
    marks: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    ids = {"gateway_ids": [gateway.gateway_id for gateway in claiming]}
    for gateway_id, epoch, stream, up_to_seq in db.connection().execute(_MARKS, ids):
        marks[gateway_id][epoch, stream] = up_to_seq
    known_until: dict[int, datetime] = {}
    for gateway in claiming:
        while (told := gateway.claim) is not None:
            claim = Claim(from_ms(told["at"]), told["epoch"], told["heads"])
            if not is_settled(claim, marks[gateway.gateway_id or 0]):
                break
            gateway.claim = told.get("newest")
            gateway.knows_until = later(gateway.knows_until, claim.at)
            known_until[gateway.home_id] = later(known_until.get(gateway.home_id), gateway.knows_until)
    db.add_all(claiming)
    make_due_if_awaited(db, known_until, now)


def raise_for_silent(database: Database, now: datetime) -> int:
    """Tell of every gateway that should have been heard by now; return how many.

    One that is silent by itself is its home's alert; many at once are one alert for each unit.
    """
    with database.transaction() as db:
        wanted = (
            select(Gateway).where(col(Gateway.due_at) <= now).limit(_MOST_AT_ONCE).with_for_update(skip_locked=True)
        )
        silent = db.exec(wanted).all()
        not_alone = tell_outages(db, silent, now)
        begin_silences(db, gateways=silent)
        for gateway in silent:
            gateway.due_at = None
            if gateway.gateway_id in not_alone:
                continue
            since = gateway.last_heard_at or now
            minutes = int((now - since).total_seconds() // 60)
            reason = Reason("gateway_silent", {"since": since.isoformat(), "minutes": minutes})
            raise_in_home(db, gateway.home_id, Raised(AlertKind.GATEWAY_SILENT, now, None, reasons=(reason,)), now)
        end_outages(db, now)
    return len(silent)


def listen_anew(database: Database, now: datetime, patience: timedelta) -> None:
    """Give every overdue gateway its time again: we stood still, and what it sent meanwhile is yet to be taken in."""
    with database.transaction() as db:
        db.exec(update(Gateway).where(col(Gateway.due_at) <= now).values(due_at=now + patience))


def listen_after_start(database: Database, now: datetime, patience: timedelta) -> None:
    """Give every overdue gateway its time where, as it seems, nobody took in what was sent while we were not running.

    Where another process of ours heard somebody meanwhile, who is overdue stays so: its silence was listened to.
    """
    with database.reading() as db:
        heard = db.exec(select(func.max(Gateway.last_heard_at))).one()
    if heard is not None and now - heard > patience / 2:
        listen_anew(database, now, patience)


def list_gateways(db: Session, viewer: Viewer, only: str | None = None) -> list[tuple[Gateway, Home]]:
    """Return the gateways of the viewer's unit with their homes; with `only` the one of that name."""
    wanted = (
        select(Gateway, Home)
        .join(Home, col(Home.home_id) == Gateway.home_id)
        .where(col(Home.unit_id).in_(viewer.units))
    )
    if only is not None:
        wanted = wanted.where(Gateway.code == only)
    return list(db.exec(wanted.order_by(Gateway.code)))


def _has_our_config(db: Session, gateway: Gateway, beat: Heartbeat, now: datetime) -> bool:
    """Tell whether a gateway has our configuration; where it would not take it, give ours a higher version.

    That is so after this database was restored or set up anew: it counts lower than gateways remember.
    """
    told, ours = (beat.config_version, beat.config_mark), (gateway.config_version, gateway.config_mark)
    if is_ahead(told, ours):
        renew_config(gateway, above=beat.config_version)
        db.add(gateway)
        home = db.get_one(Home, gateway.home_id)
        changed(db, home.unit_id, "config", gateway.code)
        why = f"the gateway had version {beat.config_version}, which this database does not know"
        append(db, at=now, who="service", what="configuration renewed", about=f"gateway:{gateway.code}", why=why)
    return beat.config_version == gateway.config_version


def _note_claim(gateway: Gateway, beat: Heartbeat, now: datetime, patience: timedelta) -> None:
    moment = reckon(
        beat.deaf_since or beat.sent_at,  # a radio that hears nothing proves nothing
        synced=beat.clock_synced,
        ahead=beat.sent_at - now,
        now=now,
        patience=patience,
    )
    if moment is not None:
        heads = {str(head.stream): head.last_seq for head in beat.heads}
        claim = {"at": to_ms(moment.at), "epoch": beat.epoch, "heads": heads}
        # A claim about an outbox that is no more will never be settled.
        waits = gateway.claim is not None and gateway.claim["epoch"] == beat.epoch
        gateway.claim = {**(gateway.claim or {}), "newest": claim} if waits else claim


def _overdue(gateways: Sequence[Gateway], now: datetime, patience: timedelta) -> list[int | None]:
    """Return the numbers of those that were silent until now: after an outage one may have been given its time anew."""
    return [
        one.gateway_id
        for one in gateways
        if one.due_at is None or one.last_heard_at is None or now - one.last_heard_at >= patience
    ]


def _no_longer_silent(
    db: Session, gateways: Sequence[Gateway], is_open: Collection[tuple[int, AlertKind]], now: datetime
) -> None:
    """Close what was told of their silence. After an outage that is a town's at once, so it is asked for at once."""
    if not gateways:
        return
    home_ids = {gateway.home_id for gateway in gateways}
    no_outage_of(db, home_ids, now)
    for home_id in sorted(home_ids):
        if (home_id, AlertKind.GATEWAY_SILENT) in is_open:
            cease_in_home(db, home_id, AlertKind.GATEWAY_SILENT, now, closes=True)
    residents = residents_in(db, home_ids)
    all_changed(db, [(resident.unit_id, "resident", resident.code) for resident in residents])
