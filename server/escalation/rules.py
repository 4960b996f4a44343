"""Who is told, in what order, and when the next one is. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum

from server.alerting.rules import AlertClass, AlertKind, Severity


class Who(StrEnum):
    """Whom a step tells."""

    ON_DUTY = "on_duty"  # whoever is on duty in the alert's unit when the step runs
    PERSON = "person"  # one named person
    RELATIVES = "relatives"  # relatives who agreed with the service to answer
    BACKUP = "backup"  # whoever is on duty in a unit above, or in one beside it that stands in
    RESPONDER_CENTRE = "responder_centre"  # the account of a manned centre
    EVERYONE = "everyone"  # nurses, staff and administrators of the unit and of those above it


class AtNight(StrEnum):
    """What a step does in quiet hours with an alert that may wait."""

    TELL = "tell"
    SOFTLY = "softly"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to tell and how long they have to answer before the next step.

    `named`: the person or unit that is told, where `who` needs one. `from_severity`: milder alerts pass over the step.
    """

    who: Who
    answer_within: timedelta
    named: int | None = None
    from_severity: int = Severity.NORMAL
    at_night: AtNight = AtNight.TELL


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A part of the night, by the clock on the home's wall; the end may be on the next day."""

    start: time
    end: time

    def over_at(self, now: datetime, zone: tzinfo) -> datetime | None:
        """Return when the quiet hours that are now will be over, later than `now`; None when it is not quiet."""
        there = now.astimezone(zone)
        wall = there.time()
        crosses = self.start > self.end
        is_quiet = (wall >= self.start or wall < self.end) if crosses else self.start <= wall < self.end
        if not is_quiet:
            return None
        day = there.date() + timedelta(days=1) if crosses and wall >= self.start else there.date()
        # In the hour that an autumn night has twice, the end may be the second of its name.
        ends = (datetime.combine(day, self.end, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        return next((end for end in ends if end > now), now + timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Policy:
    """The steps in their order; the last one repeats until somebody has the alert."""

    steps: tuple[Step, ...]
    quiet: QuietHours | None = None


_MINUTE = timedelta(minutes=1)
NIGHT = QuietHours(time(22), time(7))

# For a unit that has set nothing up: a chain never ends on one phone.
DEFAULT_POLICY = Policy((Step(Who.ON_DUTY, 2 * _MINUTE), Step(Who.EVERYONE, 5 * _MINUTE)), NIGHT)
# A fault that leaves nobody unwatched is seen to by day: a nurse who is woken for batteries learns not to wake.
DEFAULT_TECHNICAL = Policy(
    (
        Step(Who.ON_DUTY, 30 * _MINUTE, at_night=AtNight.WAIT),
        Step(Who.EVERYONE, 120 * _MINUTE, at_night=AtNight.WAIT),
    ),
    NIGHT,
)
# A step that finds nobody does not wait for an answer. When the last one does, somebody may come on duty any minute.
_LOOK_AGAIN = _MINUTE


@dataclass(frozen=True, slots=True)
class Case:
    """What of an alert its policy asks for. `zone`: of the clock on the home's wall."""

    severity: int
    may_wait: bool
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True)
class Move:
    """What to do now, and when to look again if nobody answers. `step` None: nobody is told before the morning."""

    step: int | None
    due_at: datetime
    softly: bool = False


def next_move(policy: Policy, last_step: int | None, case: Case, now: datetime) -> Move:
    """Return what follows. The last step repeats for ever: an unanswered alert never falls silent."""
    number = _following(policy, last_step, case.severity)
    step = policy.steps[number]
    over_at = policy.quiet.over_at(now, case.zone) if policy.quiet and case.may_wait else None
    if over_at is not None and step.at_night is AtNight.WAIT:
        return Move(None, over_at)
    return Move(number, now + step.answer_within, softly=over_at is not None and step.at_night is AtNight.SOFTLY)


def after_nobody(policy: Policy, move: Move, now: datetime) -> datetime:
    """Return when to go on after a step that found nobody to tell: at once, unless it was the last one."""
    is_last = move.step == len(policy.steps) - 1
    return min(move.due_at, now + _LOOK_AGAIN) if is_last else now


def course(
    policy: Policy, case: Case, at: datetime, finds: Callable[[int, datetime], bool]
) -> Iterator[tuple[datetime, Move]]:
    """Yield what happens from `at` on when nobody ever answers, until the last step has had its second turn.

    Args:
        policy: its steps.
        case: the alert.
        at: when it is raised.
        finds: whether a step, by its number, would find anybody to tell at a moment.
    """
    last, turns_of_last = None, 0
    while turns_of_last <= 1:
        move = next_move(policy, last, case, at)
        if move.step is not None:
            if not finds(move.step, at):
                move = replace(move, due_at=after_nobody(policy, move, at))
            last = move.step
            turns_of_last += last == len(policy.steps) - 1
        yield at, move
        at = move.due_at


def _following(policy: Policy, last_step: int | None, severity: int) -> int:
    last = len(policy.steps) - 1
    first = 0 if last_step is None else min(last_step + 1, last)
    return next((n for n in range(first, last) if severity >= policy.steps[n].from_severity), last)


# Faults by which a whole home is not seen or heard.
_BLIND = frozenset({AlertKind.GATEWAY_SILENT, AlertKind.GATEWAY_DEAF, AlertKind.FLEET_OUTAGE, AlertKind.CHAIN_STALLED})


def leaves_unwatched(
    kind: AlertKind, reasons: Collection[str], silent: Collection[str], urgent: Collection[str]
) -> bool:
    """Return whether a fault leaves somebody unseen, or without a way to call.

    Args:
        kind: of the fault.
        reasons: the keys of why it was raised.
        silent: what the sensors it is about measure.
        urgent: what calls for help.
    """
    return kind in _BLIND or "home_unseen" in reasons or not set(silent).isdisjoint(urgent)


def leads_back(to: int, home: Collection[int], backups: Mapping[int, Collection[int]]) -> bool:
    """Return whether units would wait for each other: whoever stands in for `to`, or for those, is one of `home`.

    `backups`: the units that each one's policies name.
    """
    waiting, seen = [to], {to}
    while waiting:
        following = set(backups.get(waiting.pop(), ()))
        if not following.isdisjoint(home):
            return True
        waiting += following - seen
        seen |= following
    return False


def may_wait(alert_class: AlertClass, severity: int, *, is_unwatched: bool) -> bool:
    """Return whether quiet hours hold for an alert: for mild ones, and for faults that leave nobody unwatched."""
    if severity >= Severity.SERIOUS or is_unwatched:
        return False
    return severity <= Severity.NORMAL or alert_class is AlertClass.TECHNICAL


def goes_on(alert_class: AlertClass) -> bool:
    """Return whether alerts of a class are passed on: what changes over weeks is looked at by day, in its own list."""
    return alert_class is not AlertClass.TREND


def default_policy(alert_class: AlertClass) -> Policy:
    """Return the policy of alerts for which no unit has one."""
    return DEFAULT_TECHNICAL if alert_class is AlertClass.TECHNICAL else DEFAULT_POLICY


def abouts_of(kind: AlertKind, alert_class: AlertClass) -> tuple[str, str]:
    """Return what a policy for an alert may be about, the narrowest first: who wrote one for smoke meant smoke."""
    return (kind.value, alert_class.value)
