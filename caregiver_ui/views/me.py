"""A resident's own page: what is known now, their own pause, and who sees what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from caregiver_ui.language import Speech
from caregiver_ui.levels import Badge, Level
from caregiver_ui.plan_words import absence_kind_words, shared_words, visit_words
from server.absences.rules import OwnPause
from server.overview.rules import Status
from server.overview.service import ResidentView
from server.relatives.rules import Category
from server.relatives.service import AgreementView


@dataclass(frozen=True, slots=True)
class Sees:
    """Somebody who sees something. `what`: each thing by itself; empty: nothing."""

    who: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What a resident sees. `pause_id`: what can be ended; empty: nothing is paused. `visit`: empty: none is known."""

    first_name: str
    badge: Badge
    sentence: str
    updated: str
    pause_id: str
    end_words: str
    lengths: tuple[tuple[OwnPause, str], ...]
    visit: str
    sees: tuple[Sees, ...]


def own_page(
    speech: Speech, resident: ResidentView, unit: str, agreements: Sequence[AgreementView], now: datetime
) -> OwnPage:
    """Return a resident's own page, in few words. What is not known is said to be not known."""
    zone = ZoneInfo(resident.time_zone)
    badge, sentence = _status(speech, resident, now)
    absence = resident.absence
    return OwnPage(
        first_name=resident.name.split()[0] if resident.name.split() else resident.name,
        badge=badge,
        sentence=sentence,
        updated=speech.clock(now, zone),
        pause_id=absence.id if absence else "",
        end_words=speech.gettext("End the pause now")
        if absence and absence.is_own
        else speech.gettext("I am home again"),
        lengths=(
            (OwnPause.HOUR, speech.gettext("1 hour")),
            (OwnPause.FOUR_HOURS, speech.gettext("4 hours")),
            (OwnPause.TOMORROW, speech.gettext("Until 8 tomorrow")),
        ),
        visit=visit_words(speech, resident.next_visit, zone, now) if resident.next_visit else "",
        sees=(_staff(speech, unit), *(_relative(speech, one, zone, now) for one in agreements)),
    )


def _status(speech: Speech, resident: ResidentView, now: datetime) -> tuple[Badge, str]:
    button = speech.gettext("The help button works all the time.")
    if resident.status is Status.PAUSED and resident.absence is not None:
        until = speech.moment(resident.absence.ends_at, ZoneInfo(resident.time_zone), now)
        what = absence_kind_words(speech, resident.absence.kind)
        held = speech.gettext("{what} until {moment}").format(what=what, moment=until)
        said = speech.gettext("Nobody looks at your movements. It ends by itself.")
        return Badge(Level.PAUSED, held), f"{said} {button}"
    told = {
        Status.NORMAL: (Level.NORMAL, speech.gettext("All is normal"), speech.gettext("Your day is like other days.")),
        Status.LEARNING: (
            Level.LEARNING,
            speech.gettext("Getting to know the days"),
            speech.gettext("We are still learning what your days are like."),
        ),
        Status.WATCH: _followed(speech),
        Status.CRITICAL: _followed(speech),
    }
    not_known = speech.gettext("The equipment in your home does not answer as it should. The home-care service knows.")
    level, word, sentence = told.get(
        resident.status, (Level.UNKNOWN, speech.gettext("We do not know right now"), not_known)
    )
    return Badge(level, word), f"{sentence} {button}" if level is not Level.UNKNOWN else sentence


def _followed(speech: Speech) -> tuple[Level, str, str]:
    said = speech.gettext("The home-care service has been told and sees to you.")
    return Level.NOTICE, speech.gettext("The home-care service follows up"), said


def _staff(speech: Speech, unit: str) -> Sees:
    what = (
        speech.gettext("alerts"),
        speech.gettext("in which room there is movement, and when"),
        speech.gettext("what is measured"),
    )
    return Sees(speech.gettext("Those who care for you in {unit}").format(unit=unit), what)


def _relative(speech: Speech, agreement: AgreementView, zone: ZoneInfo, now: datetime) -> Sees:
    today = now.astimezone(zone).date()
    shown = (one for one in Category if agreement.agreed.allows(one, today))
    return Sees(agreement.name, tuple(shared_words(speech, one) for one in shown))
