"""What a relative sees: one calm status and at most three coarse facts, never times of movement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from caregiver_ui.charts.quarters import local_hours
from caregiver_ui.language import Speech
from caregiver_ui.levels import Badge, Level
from caregiver_ui.plan_words import absence_words
from server.overview.rules import Status
from server.overview.service import ResidentView

_MORNING = 6
_SAYS_NOTHING = (Level.UNKNOWN, Level.PAUSED)
# Quarter hours with movement between midnight and six: up to this many is an ordinary night with a visit or two to the
# bathroom.
_CALM_NIGHT = 6


@dataclass(frozen=True, slots=True)
class Fact:
    """One coarse fact."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class RelativeStatus:
    """One resident's status for a relative."""

    name: str
    first_name: str
    phone: str
    badge: Badge
    sentence: str
    updated: str
    facts: tuple[Fact, ...]


def relative_status(speech: Speech, resident: ResidentView, now: datetime) -> RelativeStatus:
    """Return what a relative is shown. What is not known is said to be not known, never to be well."""
    first_name = resident.name.split()[0] if resident.name.split() else resident.name
    badge, sentence = (
        _status(speech, resident.status) if resident.status is not Status.PAUSED else _paused(speech, resident, now)
    )
    return RelativeStatus(
        name=resident.name,
        first_name=first_name,
        phone=resident.phone,
        badge=badge,
        sentence=sentence.format(name=first_name),
        updated=speech.clock(now, ZoneInfo(resident.time_zone)),
        facts=() if badge.level in _SAYS_NOTHING else _facts(speech, resident, now),
    )


def _paused(speech: Speech, resident: ResidentView, now: datetime) -> tuple[Badge, str]:
    """Say that nobody looks just now, and until when: neither a fault nor a promise that all is well."""
    held = resident.absence
    word = (
        absence_words(speech, held, ZoneInfo(resident.time_zone), now)
        if held
        else speech.gettext("Not watched for now")
    )
    sentence = speech.gettext("Nobody looks at {name}'s movements for now. The help button works all the time.")
    return Badge(Level.PAUSED, word), sentence


def _status(speech: Speech, status: Status) -> tuple[Badge, str]:
    followed = speech.gettext("The home-care service has an alert about {name} and sees to it.")
    statuses = {
        Status.NORMAL: (
            Badge(Level.NORMAL, speech.gettext("All is normal")),
            speech.gettext("{name}'s day is like other days."),
        ),
        Status.LEARNING: (
            Badge(Level.LEARNING, speech.gettext("Getting to know the days")),
            speech.gettext("We are still learning what {name}'s days are like. The help button works all the time."),
        ),
        Status.WATCH: (Badge(Level.NOTICE, speech.gettext("The home-care service follows up")), followed),
        Status.CRITICAL: (Badge(Level.NOTICE, speech.gettext("The home-care service follows up")), followed),
    }
    not_known = speech.gettext(
        "The equipment in the home is not answering as it should. The home-care service has been told."
    )
    return statuses.get(status, (Badge(Level.UNKNOWN, speech.gettext("We do not know right now")), not_known))


def _facts(speech: Speech, resident: ResidentView, now: datetime) -> tuple[Fact, ...]:
    zone = ZoneInfo(resident.time_zone)
    hours = local_hours(now, zone)
    since_midnight = _since_midnight(hours)
    night = [quarter for hour, quarter in zip(hours, resident.day, strict=True) if hour < _MORNING]
    today = [
        quarter
        for hour, quarter in zip(hours[-since_midnight:], resident.day[-since_midnight:], strict=True)
        if hour >= _MORNING
    ]
    facts = [Fact(speech.gettext("The night"), _night(speech, night))]
    if today:
        facts.append(Fact(speech.gettext("Up and about today"), _up(speech, today)))
    return tuple(facts)


def _since_midnight(hours: Sequence[int]) -> int:
    """Return how many quarter hours of the row belong to the present day."""
    for back in range(1, len(hours)):
        if hours[-back - 1] > hours[-back]:
            return back
    return len(hours)


def _night(speech: Speech, night: Sequence[int | None]) -> str:
    known = [quarter for quarter in night if quarter is not None]
    if len(known) < len(night) / 2 or not known:
        return speech.gettext("Not known")
    calm = sum(quarter > 0 for quarter in known) <= _CALM_NIGHT
    return speech.gettext("Calm") if calm else speech.gettext("Somewhat restless")


def _up(speech: Speech, today: Sequence[int | None]) -> str:
    if any(quarter for quarter in today):
        return speech.gettext("Yes")
    return speech.gettext("Not known") if any(quarter is None for quarter in today) else speech.gettext("Not yet")
