"""Duty as people read it: what is in order, what is not, and who else is at work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from caregiver_ui.language import NORWAY, Speech
from caregiver_ui.levels import Badge, Level
from caregiver_ui.words import N_
from server.duty.proof import DutyView

_CHANNELS = {"app": N_("this app"), "push": N_("push message")}


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing that must be in order. `todo`: what to do where it is not."""

    level: Level
    text: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody else on duty."""

    name: str
    unit: str
    since: str
    badge: Badge


@dataclass(frozen=True, slots=True)
class DutyPanel:
    """What the page shows. `ticks` is empty while the reader is not on duty; `waits_for`: who is to take over."""

    ticks: tuple[Tick, ...]
    is_proven: bool
    colleagues: tuple[Colleague, ...]
    waits_for: str


def duty_panel(speech: Speech, on_duty: Sequence[DutyView], now: datetime) -> DutyPanel:
    """Return the page's words."""
    mine = next((one for one in on_duty if one.is_mine), None)
    return DutyPanel(
        ticks=() if mine is None else _ticks(speech, mine, now),
        is_proven=mine is not None and mine.proven_at is not None,
        colleagues=tuple(_colleague(speech, one, now) for one in on_duty if not one.is_mine),
        waits_for="" if mine is None or mine.successor is None else mine.successor,
    )


def _ticks(speech: Speech, mine: DutyView, now: datetime) -> tuple[Tick, ...]:
    since = speech.gettext("On duty for {unit} since {clock}").format(
        unit=mine.unit_name, clock=speech.moment(mine.from_at, NORWAY, now)
    )
    return (Tick(Level.NORMAL, since), _test_tick(speech, mine))


def _test_tick(speech: Speech, mine: DutyView) -> Tick:
    if mine.proven_at is not None:
        by = ", ".join(speech.gettext(_CHANNELS.get(one, one)) for one in mine.by)
        text = speech.gettext("The test alert arrived {clock} ({channels})")
        return Tick(Level.NORMAL, text.format(clock=speech.precise_clock(mine.proven_at, NORWAY), channels=by))
    if not mine.has_failed:
        return Tick(Level.UNKNOWN, speech.gettext("Waiting for the test alert …"))
    return Tick(
        Level.CRITICAL,
        speech.gettext("The test alert has not arrived"),
        speech.gettext(
            "Alerts may not reach this phone. Check the network, keep this page open, and try again. If it still does "
            "not arrive: use another phone, and tell the others on duty."
        ),
    )


def _colleague(speech: Speech, one: DutyView, now: datetime) -> Colleague:
    if one.proven_at is not None:
        badge = Badge(Level.NORMAL, speech.gettext("Alerts arrive"))
    elif one.has_failed:
        badge = Badge(Level.IMPORTANT, speech.gettext("Alerts may not arrive"))
    else:
        badge = Badge(Level.UNKNOWN, speech.gettext("Being tried"))
    return Colleague(one.name, one.unit_name, speech.moment(one.from_at, NORWAY, now), badge)
