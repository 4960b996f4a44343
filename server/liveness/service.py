"""Hears gateways' signs of life, and notices when they stop."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from gateway.contract.codec import ContractError, from_json
from gateway.contract.heartbeat import Heartbeat, Presence, PresenceState
from server.access.service import Viewer
from server.alerting.rules import AlertKind
from server.alerting.service import Raised, Reason, cease, raise_alert
from server.audit.service import append
from server.db.session import Database
from server.db.types import from_ms, to_ms
from server.detection.tables import HomeWatch
from server.live.service import changed
from server.liveness.hearing import note_hearing
from server.liveness.rules import Claim, is_ahead, is_settled, later
from server.liveness.sensors import note_sensors
from server.observations.rules import reckon
from server.observations.tables import StreamRow
from server.residents.service import renew_config, residents_of
from server.residents.tables import Gateway, Home

_MOST_AT_ONCE = 100


def hear_heartbeat(db: Session, gateway: Gateway, payload: bytes, now: datetime, patience: timedelta) -> bool:
    """Note a sign of life and what it tells; return whether the gateway has the home's present configuration.

    Raises:
        ContractError: it cannot be read, or speaks for another gateway.
    """
    beat = from_json(Heartbeat, payload)
    _must_be_its_own(gateway, beat.gateway_id)
    _heard(db, gateway, now, patience)
    fresh_ears = gateway.boot != beat.boot_id or (gateway.deaf_since is not None and beat.deaf_since is None)
    gateway.boot, gateway.software, gateway.clock_synced = beat.boot_id, beat.software, beat.clock_synced
    gateway.deaf_since, gateway.waiting = beat.deaf_since, sum(head.waiting for head in beat.heads)
    gateway.troubles = {str(trouble): count for trouble, count in beat.troubles.items()}
    gateway.oldest_waiting_at, gateway.disk_free_mb = beat.oldest_waiting_at, beat.disk_free_mb
    gateway.dropped = {str(kind): count for kind, count in beat.dropped.items()}
    gateway.deaf_radios = {radio.name: radio.since.isoformat() for radio in beat.deaf_radios}
    gateway.starts, gateway.clock_jumps = beat.starts, beat.clock_jumps
    gateway.radio_steps = dict(beat.radio_steps)
    gateway.clock_ahead_s = (beat.sent_at - now).total_seconds()
    _note_claim(gateway, beat, now, patience)
    settle_claim(db, gateway)
    # After the home: all lock stream, gateway, home, sensor, alert and audit in this order.
    note_sensors(db, gateway, beat, now, patience, fresh_ears=fresh_ears)
    note_hearing(db, gateway, beat, now, patience)
    return _has_our_config(db, gateway, beat, now)


def hear_presence(db: Session, gateway: Gateway, payload: bytes, now: datetime, patience: timedelta) -> bool:
    """Note that a gateway connected; return whether it is here. A broken link alone is not yet a fault.

    Raises:
        ContractError: it cannot be read, or speaks for another gateway.
    """
    presence = from_json(Presence, payload)
    _must_be_its_own(gateway, presence.gateway_id)
    here = presence.state is PresenceState.HERE
    if here:
        _heard(db, gateway, now, patience)
    return here


def settle_claim(db: Session, gateway: Gateway) -> None:
    """Move the moment up to which the home is known, once all that a heartbeat told of has arrived.

    A claim that waits for facts on their way is kept, and newer heartbeats let it be, so that a gateway that is always
    a little behind is still known up to a moment ago.
    """
    if gateway.claim is None:
        return
    claim = Claim(from_ms(gateway.claim["at"]), gateway.claim["epoch"], gateway.claim["heads"])
    rows = db.exec(select(StreamRow).where(StreamRow.gateway_id == gateway.gateway_id, StreamRow.epoch == claim.epoch))
    if not is_settled(claim, {(row.epoch, row.stream): row.up_to_seq for row in rows}):
        return
    gateway.claim = None
    gateway.knows_until = later(gateway.knows_until, claim.at)
    db.add(gateway)
    watch = db.get(HomeWatch, gateway.home_id, with_for_update=True)
    if (
        watch is not None
        and watch.wakes_at is not None
        and gateway.knows_until >= watch.wakes_at
        and watch.due_at is None
    ):
        watch.due_at = gateway.last_heard_at


def raise_for_silent(database: Database, now: datetime) -> int:
    """Raise a technical alert for every gateway that should have been heard by now; return how many."""
    with database.transaction() as db:
        wanted = (
            select(Gateway).where(col(Gateway.due_at) <= now).limit(_MOST_AT_ONCE).with_for_update(skip_locked=True)
        )
        silent = db.exec(wanted).all()
        for gateway in silent:
            gateway.due_at = None
            since = gateway.last_heard_at or now
            minutes = int((now - since).total_seconds() // 60)
            reason = Reason("gateway_silent", {"since": since.isoformat(), "minutes": minutes})
            for resident in residents_of(db, gateway.home_id):
                raise_alert(db, resident, Raised(AlertKind.GATEWAY_SILENT, now, None, reasons=(reason,)), now)
    return len(silent)


def list_gateways(db: Session, viewer: Viewer) -> list[tuple[Gateway, Home]]:
    """Return the gateways of the viewer's unit with their homes."""
    wanted = (
        select(Gateway, Home).join(Home, col(Home.home_id) == Gateway.home_id).where(Home.unit_id == viewer.unit_id)
    )
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


def _must_be_its_own(gateway: Gateway, told: str) -> None:
    if told != gateway.code:
        raise ContractError("it speaks for another gateway than its topic")


def _note_claim(gateway: Gateway, beat: Heartbeat, now: datetime, patience: timedelta) -> None:
    # A claim about an outbox that is no more will never be settled.
    if gateway.claim is not None and gateway.claim["epoch"] == beat.epoch:
        return
    moment = reckon(
        beat.deaf_since or beat.sent_at,  # a radio that hears nothing proves nothing
        synced=beat.clock_synced,
        ahead=beat.sent_at - now,
        now=now,
        patience=patience,
    )
    if moment is not None:
        heads = {str(head.stream): head.last_seq for head in beat.heads}
        gateway.claim = {"at": to_ms(moment.at), "epoch": beat.epoch, "heads": heads}


def _heard(db: Session, gateway: Gateway, now: datetime, patience: timedelta) -> None:
    # Locked first: another process may be about to find this gateway silent.
    db.refresh(gateway, with_for_update=True)
    if gateway.due_at is None:
        for resident in residents_of(db, gateway.home_id):
            cease(db, resident, AlertKind.GATEWAY_SILENT, now, closes=True)
            changed(db, resident.unit_id, "resident", resident.code)
    gateway.last_heard_at, gateway.due_at = now, now + patience
    db.add(gateway)
