"""What is shared with whom, as a form and in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from caregiver_ui.fields import clock_text
from caregiver_ui.language import Speech
from caregiver_ui.relative_words import basis_words, category_words
from server.relatives.rules import Basis, Category
from server.relatives.service import AgreementView

# What is offered for how long to wait; minutes.
DELAYS = (0, 15, 30, 60, 120, 240)
_USUAL_LENGTH = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to tick or to choose."""

    value: str
    words: str
    hint: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form holds: as it is kept, or as somebody typed it, with what is wrong by field."""

    categories: frozenset[str]
    basis: str
    ends_on: str
    delay: str
    quiet_from: str
    quiet_until: str
    asked_to_step: bool = False
    agrees_to_step: bool = False
    faults: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgreementForm:
    """One relative's agreement. `said`: in words, one line each."""

    person_id: int
    name: str
    said: tuple[str, ...]
    typed: Typed
    categories: tuple[Choice, ...]
    bases: tuple[Choice, ...]
    delays: tuple[Choice, ...]
    takes_steps: str
    is_written: bool
    least_delay: str
    asked_to_step: bool


def kept(view: AgreementView, now: datetime, *, is_own: bool = False) -> Typed:
    """Return what a form holds before anybody typed: staff's, or the relative's own."""
    quiet = view.agreed.quiet
    ends_on = view.agreed.ends_on or (now.date() + _USUAL_LENGTH)
    return Typed(
        frozenset(view.agreed.categories),
        view.basis or "",
        ends_on.isoformat(),
        str(_minutes(view.agreed.delay if is_own else view.least_delay)),
        clock_text(quiet.begins if quiet else None),
        clock_text(quiet.ends if quiet else None),
        view.asked_to_step,
        view.agrees_to_step,
    )


def agreement_form(speech: Speech, view: AgreementView, typed: Typed, zone: ZoneInfo, now: datetime) -> AgreementForm:
    """Return a relative's agreement with its form."""
    delays = sorted({*DELAYS, _minutes(view.least_delay), int(typed.delay) if typed.delay.isdigit() else 0})
    return AgreementForm(
        person_id=view.person_id,
        name=view.name,
        said=_said(speech, view, zone, now),
        typed=typed,
        categories=tuple(
            Choice(one, *category_words(speech, one), is_chosen=one in typed.categories) for one in Category
        ),
        bases=tuple(Choice(one, basis_words(speech, one), is_chosen=typed.basis == one) for one in Basis),
        delays=tuple(Choice(str(one), _wait(speech, one), is_chosen=typed.delay == str(one)) for one in delays),
        takes_steps=_steps(speech, view),
        is_written=view.noted_at is not None,
        least_delay=_wait(speech, _minutes(view.least_delay)),
        asked_to_step=view.asked_to_step,
    )


def _said(speech: Speech, view: AgreementView, zone: ZoneInfo, now: datetime) -> tuple[str, ...]:
    """Return what is shared, until when, by whose word and who noted it."""
    agreed = view.agreed
    names = [category_words(speech, one)[0] for one in Category if one in agreed.categories]
    if agreed.has_ended(now.astimezone(zone).date()):
        lines = [speech.gettext("The agreement has ended. Nothing is shared.")]
    elif names:
        lines = [speech.gettext("Shared: {what}.").format(what=", ".join(names))]
    else:
        lines = [speech.gettext("Nothing is shared.")]
    if agreed.ends_on is not None:
        lines.append(speech.gettext("Until {day}.").format(day=speech.long_day(agreed.ends_on)))
    if view.basis is not None:
        lines.append(f"{basis_words(speech, view.basis)}.")
    if view.noted_at is None or view.noted_by is None:
        lines.append(speech.gettext("Nothing has been written down yet: the status alone is shown."))
    else:
        noted = speech.gettext("Noted by {name}, {moment}.")
        lines.append(noted.format(name=view.noted_by, moment=speech.moment(view.noted_at, zone, now)))
    return tuple(lines)


def _steps(speech: Speech, view: AgreementView) -> str:
    if not view.asked_to_step:
        return ""
    if view.agrees_to_step:
        return speech.gettext("{name} agrees to be asked to go there.").format(name=view.name)
    return speech.gettext("{name} has not agreed yet to be asked to go there.").format(name=view.name)


def _wait(speech: Speech, minutes: int) -> str:
    return speech.span(minutes) if minutes else speech.gettext("At once")


def _minutes(span: timedelta) -> int:
    return int(span.total_seconds() // 60)
