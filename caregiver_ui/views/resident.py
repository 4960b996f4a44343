"""Residents as cards, as a page, and as the one calm status a relative sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from markupsafe import Markup

from caregiver_ui.charts.actogram import Actogram, draw_actogram
from caregiver_ui.charts.day_strip import draw_day_strip
from caregiver_ui.charts.quarters import active_hours
from caregiver_ui.language import Speech
from caregiver_ui.levels import Badge, resident_badge
from caregiver_ui.plan_words import absence_words, visit_words
from caregiver_ui.presence_words import presence_words
from caregiver_ui.views.vitals import VitalsPanel, vitals_panel
from caregiver_ui.words import in_room
from server.overview.rules import LEARNING_TAKES, Status
from server.overview.service import DayView, ResidentDetail, ResidentView


@dataclass(frozen=True, slots=True)
class ResidentCard:
    """A resident in a list. `present`: where the resident is, empty for who may not know.

    `absence`: what holds now; `visit`: who comes next; both empty where there is none.
    """

    id: str
    name: str
    age: str
    address: str
    phone: str
    badge: Badge
    present: str
    last_seen: str
    learning: str
    strip: Markup
    absence: str
    visit: str


@dataclass(frozen=True, slots=True)
class ResidentPage:
    """A resident with a week of days."""

    card: ResidentCard
    sentence: str
    actogram: Actogram
    vitals: VitalsPanel | None


def resident_card(speech: Speech, resident: ResidentView, now: datetime) -> ResidentCard:
    """Return a resident as a card."""
    zone = ZoneInfo(resident.time_zone)
    return ResidentCard(
        id=resident.id,
        name=resident.name,
        age=speech.gettext("{age} years").format(age=resident.age),
        address=resident.address,
        phone=resident.phone,
        badge=resident_badge(speech, resident.status),
        present=presence_words(speech, resident.present, zone, now) if resident.present else "",
        last_seen=_last_seen(speech, resident, zone, now),
        learning=learning_words(speech, resident.learned_days),
        strip=draw_day_strip(speech, resident.day, now, zone),
        absence=_absence(speech, resident, zone, now),
        visit=visit_words(speech, resident.next_visit, zone, now) if resident.next_visit else "",
    )


def resident_page(speech: Speech, detail: ResidentDetail, now: datetime) -> ResidentPage:
    """Return a resident with a week of days."""
    zone = ZoneInfo(detail.resident.time_zone)
    week = [(day.date, day.quarters) for day in detail.week]
    return ResidentPage(
        card=resident_card(speech, detail.resident, now),
        sentence=_week_sentence(speech, detail.week),
        actogram=draw_actogram(speech, week, now, zone),
        vitals=vitals_panel(speech, detail.vitals, zone, now),
    )


def _absence(speech: Speech, resident: ResidentView, zone: tzinfo, now: datetime) -> str:
    if resident.absence is None:
        return ""
    said = absence_words(speech, resident.absence, zone, now)
    return speech.gettext("{said}. Is the resident home again?").format(said=said) if resident.absence.back_at else said


def _last_seen(speech: Speech, resident: ResidentView, zone: tzinfo, now: datetime) -> str:
    if resident.last_active_at is None:
        return speech.gettext("No movement known yet.")
    moment = speech.moment(resident.last_active_at, zone, now)
    text = speech.gettext("Last movement {moment}{where}.")
    parts = [text.format(moment=moment, where=in_room(speech, resident.last_room))]
    if resident.status is Status.UNKNOWN and resident.known_until is not None:
        known = speech.moment(resident.known_until, zone, now)
        parts.append(speech.gettext("Known until {moment}.").format(moment=known))
    return " ".join(parts)


def learning_words(speech: Speech, learned_days: int) -> str:
    """Return how far the learning has come; empty when it has come far enough to rest on."""
    if learned_days >= LEARNING_TAKES:
        return ""
    text = speech.gettext("Getting to know the days: day {n} of {of}.")
    return text.format(n=learned_days + 1, of=LEARNING_TAKES)


def _week_sentence(speech: Speech, week: Sequence[DayView]) -> str:
    """Say how the newest whole day compares with the days before it."""
    hours = [active for day in week[:-1] if (active := active_hours(day.quarters)) is not None]
    if len(hours) < 2:  # noqa: PLR2004 - one day cannot be compared with anything
        return speech.gettext("There are not yet enough days to compare.")
    usual = sum(hours[:-1]) / len(hours[:-1])
    said = {"hours": speech.tenths(hours[-1]), "usual": speech.tenths(usual)}
    return speech.gettext(
        "Yesterday there was movement in {hours} hours; the days before had {usual} on average."
    ).format(**said)
