"""Gateways and what was refused, for testers and administrators."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from caregiver_ui.language import NORWAY, Speech
from caregiver_ui.levels import Badge, Level
from caregiver_ui.words import radio_step_words, trouble_words
from server.ingest.tables import QuarantineRow
from server.residents.tables import Gateway, Home

# As much of a refused message as fits on a page; the whole of it stays in the table.
_PAYLOAD_SHOWN = 400


@dataclass(frozen=True, slots=True)
class GatewayRow:
    """A gateway: when it was last proven to work, and what troubles it."""

    code: str
    address: str
    badge: Badge
    last_heard: str
    waiting: int
    software: str
    troubles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A message that could not be stored, and why."""

    received: str
    topic: str
    reason: str
    times: int
    payload: str


def gateway_rows(
    speech: Speech, gateways: list[tuple[Gateway, Home]], now: datetime, patience: timedelta
) -> tuple[GatewayRow, ...]:
    """Return gateways; `patience` is how long one may be silent."""
    return tuple(_gateway_row(speech, gateway, home, now, patience) for gateway, home in gateways)


def hears(gateway: Gateway, now: datetime, patience: timedelta) -> bool:
    """Return whether what a sensor says reaches us by it."""
    is_there = gateway.last_heard_at is not None and now - gateway.last_heard_at <= patience
    return is_there and gateway.deaf_since is None


def refused_rows(speech: Speech, rows: list[QuarantineRow], now: datetime) -> tuple[RefusedRow, ...]:
    """Return what was refused, in the order given."""
    return tuple(
        RefusedRow(
            received=speech.moment(row.received_at, NORWAY, now),
            topic=row.topic,
            reason=row.reason,
            times=row.times,
            payload=row.payload[:_PAYLOAD_SHOWN].decode("utf-8", errors="replace"),
        )
        for row in rows
    )


def _gateway_row(speech: Speech, gateway: Gateway, home: Home, now: datetime, patience: timedelta) -> GatewayRow:
    zone = ZoneInfo(home.time_zone)
    heard = gateway.last_heard_at
    never = speech.gettext("Never heard")
    return GatewayRow(
        code=gateway.code,
        address=home.address,
        badge=_gateway_badge(speech, gateway, now, patience),
        last_heard=never if heard is None else f"{speech.moment(heard, zone, now)} ({speech.ago(heard, now)})",
        waiting=gateway.waiting,
        software=gateway.software or "–",
        troubles=(
            *(f"{trouble_words(speech, code)}: {count}" for code, count in sorted(gateway.troubles.items())),
            *(f"{radio_step_words(speech, code)}: {count}" for code, count in sorted(gateway.radio_steps.items())),
        ),
    )


def _gateway_badge(speech: Speech, gateway: Gateway, now: datetime, patience: timedelta) -> Badge:
    if gateway.last_heard_at is None or now - gateway.last_heard_at > patience:
        return Badge(Level.UNKNOWN, speech.gettext("Silent"))
    if gateway.deaf_since is not None:
        return Badge(Level.TECHNICAL, speech.gettext("The radio hears nothing"))
    if gateway.clock_synced is False:
        return Badge(Level.TECHNICAL, speech.gettext("The clock is not set"))
    return Badge(Level.NORMAL, speech.gettext("In contact"))
