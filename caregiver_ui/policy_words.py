"""The words for who is told next, when, and why a policy is refused."""

from datetime import datetime, timedelta, tzinfo
from types import MappingProxyType

from caregiver_ui.language import Speech
from caregiver_ui.words import kind_words
from server.alerting.rules import AlertClass, AlertKind, Severity
from server.escalation.faults import FaultKind
from server.escalation.rules import AtNight, Who
from server.escalation.views import NextStep


def _marked(text: str) -> str:
    """Mark a sentence for translation; it is translated where it is used."""
    return text


N_ = _marked
_MINUTE_S = 60
_HALF_A_DAY = timedelta(hours=12)

_WHO = MappingProxyType(
    {
        Who.ON_DUTY: N_("Those on duty"),
        Who.PERSON: N_("One person: {name}"),
        Who.RELATIVES: N_("Relatives who agreed to go there"),
        Who.BACKUP: N_("Back-up: those on duty in {name}"),
        Who.RESPONDER_CENTRE: N_("Responder centre: {name}"),
        Who.EVERYONE: N_("Everyone in the unit and above it"),
    }
)
_NIGHT = MappingProxyType(
    {
        AtNight.TELL: N_("Told as by day"),
        AtNight.SOFTLY: N_("Told softly: only in the app"),
        AtNight.WAIT: N_("Waits for the morning"),
    }
)
_FROM = MappingProxyType(
    {
        Severity.NORMAL: N_("All alerts"),
        Severity.MODERATE: N_("Moderate and graver"),
        Severity.SERIOUS: N_("Serious and critical only"),
        Severity.CRITICAL: N_("Critical only"),
    }
)
_CLASSES = MappingProxyType(
    {AlertClass.PERSON: N_("All alerts about people"), AlertClass.TECHNICAL: N_("All technical alerts")}
)
_FAULTS = MappingProxyType(
    {
        FaultKind.NO_STEPS: N_("Add at least one step."),
        FaultKind.TOO_MANY_STEPS: N_("Twelve steps are the most there can be. Remove some."),
        FaultKind.TOO_SHORT: N_("Give people time to answer: at least a quarter of a minute."),
        FaultKind.TOO_LONG: N_("Nobody may be waited for longer than a day."),
        FaultKind.ENDS_ON_FEW: N_("The last step must tell everyone, so that the chain never ends on a single phone."),
        FaultKind.ENDS_FOR_SOME: N_("The last step must hold for all alerts, or the milder ones would end on nobody."),
        FaultKind.FEWER_AFTER_ALL: N_("Everyone has been told already: a step for fewer cannot follow."),
        FaultKind.NO_NAME: N_("Choose the person or the unit."),
        FaultKind.UNKNOWN_PERSON: N_("This person is not known here, or could not open the unit's alerts."),
        FaultKind.UNKNOWN_UNIT: N_(
            "A back-up must be a unit above this one, or one beside it in the same municipality."
        ),
        FaultKind.IN_A_CIRCLE: N_("These units would stand in for each other: each would wait for the other."),
        FaultKind.NOBODY_THERE: N_("Nobody works in this unit who could be on duty."),
        FaultKind.REACHES_ONE: N_("This would reach one person only: the chain would end on a single phone."),
        FaultKind.REACHES_NOBODY: N_("This would reach nobody. Nobody works in this unit or above it."),
        FaultKind.NO_QUIET_HOURS: N_("Say when it is night: the policy has no quiet hours."),
        FaultKind.QUIET_HOURS: N_("Quiet hours need a beginning and an end, and last at most twelve hours."),
    }
)


def who_words(speech: Speech, who: Who, name: str | None) -> str:
    """Return whom a step tells. `name`: of the person or unit, where one is named."""
    return speech.gettext(_WHO[who]).format(name=name or "–")


def night_words(speech: Speech, at_night: AtNight) -> str:
    """Return what a step does at night with what may wait."""
    return speech.gettext(_NIGHT[at_night])


def from_words(speech: Speech, severity: int) -> str:
    """Return for which alerts a step is."""
    return speech.gettext(_FROM[Severity(severity)])


def about_words(speech: Speech, about: str) -> str:
    """Return what a policy is about."""
    is_class = about in set(AlertClass)
    return speech.gettext(_CLASSES[AlertClass(about)]) if is_class else kind_words(speech, AlertKind(about))


def fault_words(speech: Speech, kind: str) -> str:
    """Return why a policy is refused, and what to do."""
    return speech.gettext(_FAULTS[FaultKind(kind)])


def after_words(speech: Speech, seconds: float) -> str:
    """Return how long after the alert a step comes."""
    return (
        speech.gettext("after {span}").format(span=length_words(speech, seconds))
        if seconds
        else speech.gettext("at once")
    )


def length_words(speech: Speech, seconds: float) -> str:
    """Return a time to answer: 30 s, 2 min, 1 h 30 min."""
    return (
        speech.gettext("{n} s").format(n=int(seconds))
        if seconds < _MINUTE_S
        else speech.span(round(seconds / _MINUTE_S))
    )


def ahead_words(speech: Speech, ahead: NextStep | None, zone: tzinfo, now: datetime) -> str:
    """Return whom an alert goes on to and when; empty when it goes nowhere."""
    if ahead is None:
        return ""
    clock = speech.clock(ahead.at, zone) if ahead.at - now < _HALF_A_DAY else speech.moment(ahead.at, zone, now)
    if ahead.who is None:
        return speech.gettext("Nobody is told before {clock}").format(clock=clock)
    who = who_words(speech, ahead.who, ahead.name)
    return speech.gettext("If nobody takes it: {who}, {clock}").format(who=who, clock=clock)
