"""A policy as people read it: a chain of who is told, after how long and how; and the form that changes it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from caregiver_ui.language import Speech
from caregiver_ui.policy_words import after_words, from_words, length_words, night_words, who_words
from server.access.tables import Person, Role, Unit
from server.alerting.rules import Severity
from server.escalation.rules import AtNight, Policy, Step, Who
from server.escalation.views import Told

_SIMPLE = (Who.ON_DUTY, Who.RELATIVES, Who.EVERYONE)


@dataclass(frozen=True, slots=True)
class Link:
    """One step of the chain. `hows`: what is special about it."""

    after: str
    who: str
    hows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a rehearsal: who is told, and by which step."""

    clock: str
    who: str
    step: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a list."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A step as it stands in the form: what was typed, whether or not it can be used."""

    who: str = Who.EVERYONE.value
    minutes: str = "5"
    severity: str = str(int(Severity.NORMAL))
    night: str = AtNight.TELL.value


class Names:
    """Whom a step may name, and what they are called."""

    def __init__(self, people: Sequence[Person], units: Sequence[Unit]) -> None:
        self._people, self._units = people, units
        self._by_id = {(Who.BACKUP, unit.unit_id): unit.name for unit in units}
        self._codes = {(Who.BACKUP, unit.unit_id): unit.code for unit in units}
        for who in (Who.PERSON, Who.RESPONDER_CENTRE):
            self._by_id |= {(who, person.person_id): person.name for person in people}
            self._codes |= {(who, person.person_id): person.username for person in people}

    def name(self, step: Step) -> str | None:
        """Return what whom a step names is called; None when there is no such name."""
        return self._by_id.get((step.who, step.named))

    def value(self, step: Step) -> str:
        """Return a step's receiver as a choice of the form."""
        return step.who.value if step.who in _SIMPLE else f"{step.who}:{self._codes.get((step.who, step.named), '')}"

    def choices(self, speech: Speech) -> list[Choice]:
        """Return everybody a step can tell."""
        plain = [Choice(who.value, who_words(speech, who, None)) for who in _SIMPLE]
        units = [Choice(f"{Who.BACKUP}:{u.code}", who_words(speech, Who.BACKUP, u.name)) for u in self._units]
        people = [Choice(f"{Who.PERSON}:{p.username}", who_words(speech, Who.PERSON, p.name)) for p in self._people]
        centres = [
            Choice(f"{Who.RESPONDER_CENTRE}:{p.username}", who_words(speech, Who.RESPONDER_CENTRE, p.name))
            for p in self._people
            if p.role is Role.STAFF
        ]
        return plain + units + people + centres


def chain(speech: Speech, policy: Policy, names: Names) -> tuple[Link, ...]:
    """Return a policy as a chain to look at."""
    return tuple(_links(speech, policy, names))


def typed_of(policy: Policy, names: Names) -> tuple[Typed, ...]:
    """Return a policy as the form has it."""
    return tuple(
        Typed(
            names.value(step),
            f"{step.answer_within.total_seconds() / 60:g}",
            str(int(step.from_severity)),
            step.at_night.value,
        )
        for step in policy.steps
    )


def rehearsed(speech: Speech, told: Sequence[Told], zone: tzinfo) -> tuple[Line, ...]:
    """Return a rehearsal line by line."""
    return tuple(_line(speech, one, zone) for one in told)


def from_choices(speech: Speech) -> list[Choice]:
    """Return for which alerts a step can be."""
    return [Choice(str(int(one)), from_words(speech, one)) for one in Severity]


def night_choices(speech: Speech) -> list[Choice]:
    """Return what a step can do at night."""
    return [Choice(one.value, night_words(speech, one)) for one in AtNight]


def tonight(now: datetime, zone: tzinfo) -> datetime:
    """Return two o'clock of that day in a zone: night, whatever the season."""
    return now.astimezone(zone).replace(hour=2, minute=0, second=0, microsecond=0)


def _links(speech: Speech, policy: Policy, names: Names) -> Iterator[Link]:
    after, last = 0.0, len(policy.steps) - 1
    for number, step in enumerate(policy.steps):
        hows = []
        if step.from_severity > Severity.NORMAL:
            hows.append(from_words(speech, step.from_severity))
        if step.at_night is not AtNight.TELL:
            hows.append(speech.gettext("At night: {how}").format(how=night_words(speech, step.at_night).lower()))
        seconds = step.answer_within.total_seconds()
        if number == last:
            again = speech.gettext("Again every {span} until somebody has it")
            hows.append(again.format(span=length_words(speech, seconds)))
        yield Link(after_words(speech, after), who_words(speech, step.who, names.name(step)), tuple(hows))
        after += seconds


def _line(speech: Speech, told: Told, zone: tzinfo) -> Line:
    clock = speech.clock(told.at, zone)
    if told.step is None or told.who is None:
        until = speech.gettext("Quiet until {clock}").format(clock=speech.clock(told.again_at, zone))
        return Line(clock, until, speech.gettext("Nobody is told before then."))
    step = speech.gettext("Step {n}").format(n=told.step + 1)
    softly = " · " + night_words(speech, AtNight.SOFTLY) if told.softly else ""
    if told.who is Who.RELATIVES:
        return Line(clock, speech.gettext("Each resident's own relatives"), step)
    return Line(clock, ", ".join(told.names) or speech.gettext("Nobody just then. It goes on at once."), step + softly)
