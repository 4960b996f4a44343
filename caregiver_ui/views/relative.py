"""What a relative sees: one calm status and at most three coarse facts, never times of movement."""

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from caregiver_ui.language import Speech
from caregiver_ui.levels import Badge, Level
from caregiver_ui.plan_words import absence_words
from caregiver_ui.words import N_, kind_words
from server.alerting.rules import AlertStatus
from server.overview.calm import Calm, Night, Up
from server.overview.relative import RelativeView
from server.relatives.company import CompanyView
from server.relatives.rules import Category
from server.relatives.steps import Asked

_NIGHT = MappingProxyType(
    {Night.CALM: N_("Calm"), Night.RESTLESS: N_("Somewhat restless"), Night.UNKNOWN: N_("Not known")}
)
_UP = MappingProxyType({Up.YES: N_("Yes"), Up.NOT_YET: N_("Not yet"), Up.UNKNOWN: N_("Not known")})


@dataclass(frozen=True, slots=True)
class Fact:
    """One coarse fact."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class RelativeStatus:
    """One resident's status for a relative. `handled`: that something was seen to; empty when there is no such news."""

    id: str
    name: str
    first_name: str
    phone: str
    badge: Badge
    sentence: str
    updated: str
    facts: tuple[Fact, ...]
    handled: str
    has_messages: bool
    unread: int
    has_plan: bool
    company: tuple["CompanyLine", ...]


@dataclass(frozen=True, slots=True)
class CompanyLine:
    """Somebody is with the resident, or will be."""

    id: str
    words: str
    is_mine: bool


@dataclass(frozen=True, slots=True)
class AskedCard:
    """A relative is asked to go there. `answer`: what they said; empty before that."""

    id: str
    heading: str
    sentence: str
    address: str
    phone: str
    answer: str
    is_closed: bool


def relative_status(speech: Speech, view: RelativeView, now: datetime) -> RelativeStatus:
    """Return what a relative is shown. What is not known is said to be not known, never to be well."""
    badge, sentence = _status(speech, view, now)
    zone = ZoneInfo(view.time_zone)
    handled = ""
    if view.handled_at is not None:
        handled = speech.gettext("{moment}: the home-care service saw to something. All is taken care of.").format(
            moment=speech.moment(view.handled_at, zone, now)
        )
    name = first_name(view.name)
    return RelativeStatus(
        id=view.resident_id,
        name=view.name,
        first_name=name,
        phone=view.phone,
        badge=badge,
        sentence=sentence.format(name=name),
        updated=speech.clock(now, zone),
        facts=_facts(speech, view, now),
        handled=handled,
        has_messages=Category.MESSAGES in view.allows,
        unread=sum(message.is_new for message in view.messages),
        has_plan=Category.TRENDS in view.allows,
        company=tuple(company_line(speech, one, zone, now) for one in view.company),
    )


def company_line(speech: Speech, company: CompanyView, zone: ZoneInfo, now: datetime) -> CompanyLine:
    """Return who is there, or will be, and until when."""
    if company.is_mine:
        here, later = speech.gettext("You are there until {until}."), speech.gettext("You are there {since}–{until}.")
    else:
        here = speech.gettext("{name} is there until {until}.")
        later = speech.gettext("{name} is there {since}–{until}.")
    words = here if company.begins_at <= now else later
    ends = speech.moment(company.ends_at, zone, now)
    return CompanyLine(
        company.id,
        words.format(name=company.name, since=speech.moment(company.begins_at, zone, now), until=ends),
        company.is_mine,
    )


def first_name(name: str) -> str:
    """Return what somebody is called by."""
    return name.split(maxsplit=1)[0] if name.split() else name


def asked_card(speech: Speech, asked: Asked, now: datetime) -> AskedCard:
    """Return the card of a relative who is asked to go there: few words, and that the team follows up anyway."""
    name, is_closed = first_name(asked.resident_name), asked.status is AlertStatus.CLOSED
    clock = speech.moment(asked.asked_at, ZoneInfo(asked.time_zone), now)
    said = {
        True: speech.gettext("You said that you go. The home-care service knows, and still follows up."),
        False: speech.gettext("You said that you can not. The home-care service follows up."),
    }
    heading = speech.gettext("It has been seen to") if is_closed else speech.gettext("Can you go to {name}?")
    sentence = speech.gettext("{clock}: {kind}. You have been asked because you agreed to it.")
    return AskedCard(
        id=asked.alert_id,
        heading=heading.format(name=name),
        sentence=sentence.format(clock=clock, kind=kind_words(speech, asked.kind)),
        address=asked.address,
        phone=asked.phone,
        answer="" if asked.goes is None else said[asked.goes],
        is_closed=is_closed,
    )


def _status(speech: Speech, view: RelativeView, now: datetime) -> tuple[Badge, str]:
    if view.status is None:
        words = speech.gettext("Not shared")
        why = speech.gettext(
            "What is shared of {name} has been agreed, and the status is not among it, or not any more."
        )
        return Badge(Level.UNKNOWN, words), why
    statuses = {
        Calm.NORMAL: (
            Badge(Level.NORMAL, speech.gettext("All is normal")),
            speech.gettext("{name}'s day is like other days."),
        ),
        Calm.LEARNING: (
            Badge(Level.LEARNING, speech.gettext("Getting to know the days")),
            speech.gettext("We are still learning what {name}'s days are like. The help button works all the time."),
        ),
        Calm.FOLLOWED: (
            Badge(Level.NOTICE, speech.gettext("The home-care service follows up")),
            speech.gettext("The home-care service has an alert about {name} and sees to it."),
        ),
    }
    if view.status is Calm.PAUSED:
        # Nobody looks just now, and until when: neither a fault nor a promise that all is well.
        word = speech.gettext("Not watched for now")
        if view.absence is not None:
            word = absence_words(speech, view.absence, ZoneInfo(view.time_zone), now)
        sentence = speech.gettext("Nobody looks at {name}'s movements for now. The help button works all the time.")
        return Badge(Level.PAUSED, word), sentence
    not_known = speech.gettext(
        "The equipment in the home is not answering as it should. The home-care service has been told."
    )
    return statuses.get(view.status, (Badge(Level.UNKNOWN, speech.gettext("We do not know right now")), not_known))


def _facts(speech: Speech, view: RelativeView, now: datetime) -> tuple[Fact, ...]:
    facts = []
    if view.night is not None:
        facts.append(Fact(speech.gettext("The night"), speech.gettext(_NIGHT[view.night])))
    if view.up is not None:
        facts.append(Fact(speech.gettext("Up and about today"), speech.gettext(_UP[view.up])))
    if view.next_visit_at is not None:
        zone = ZoneInfo(view.time_zone)
        facts.append(Fact(speech.gettext("Next visit"), _coming(speech, view.next_visit_at, zone, now)))
    return tuple(facts)


def _coming(speech: Speech, at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """Return when somebody comes, by the hour: nobody is to be waited for at the door to the minute."""
    days = (at.astimezone(zone).date() - now.astimezone(zone).date()).days
    hour = speech.gettext("about {hour}").format(hour=f"{at.astimezone(zone):%H}")
    if days == 0:
        return speech.gettext("Today {about}").format(about=hour)
    if days == 1:
        return speech.gettext("Tomorrow {about}").format(about=hour)
    return f"{speech.short_day(at.astimezone(zone).date())} {hour}"
