"""Whom a message may reach, by which channels and when. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

# Written at a message that was not sent, and in the audit.
ACROSS = "refused: it would cross between simulated homes and real people"

APP = "app"
PUSH = "push"
EMAIL = "email"
SMS = "sms"
CALL = "call"

# A device that has not said within this time that a message came is taken not to have it.
RECEIPT_WITHIN = timedelta(seconds=15)
# So long somebody who has the message may take to answer before another channel of theirs is tried.
ANSWER_WITHIN = timedelta(seconds=60)
# Devices that tell us when a message came; of others the provider's word has to do.
TELLS_WHEN_IT_CAME = frozenset({APP, PUSH})

FIRST_RETRY = timedelta(seconds=2)
LONGEST_RETRY = timedelta(minutes=5)
# News that nobody waits for an answer to is given up after this many tries: half an hour.
_MOST_TRIES = 12

# In a row, and for so long: then it is the channel that fails, and not somebody's address.
_FAILURES = 3
_FAILING_FOR = timedelta(minutes=1)


class Subject(StrEnum):
    """What a message is about."""

    ALERT = "alert"
    STILL_ON_IT = "still_on_it"  # whether who has an alert still does; about the alert
    DUTY_TEST = "duty_test"  # the test message that must arrive
    REMINDER = "reminder"
    MESSAGE = "message"  # somebody wrote something
    CHAIN = "chain"  # the service itself is slow or failing


# What is about an alert: its number is what they are about.
OF_ALERTS = frozenset({Subject.ALERT, Subject.STILL_ON_IT})


class Level(IntEnum):
    """How grave a message is, as people choose channels for it. The value is the lowest severity it holds for."""

    NOTICE = 0
    IMPORTANT = 30
    CRITICAL = 40


def level_of(severity: int) -> Level:
    """Return the level of a severity, 10 to 40."""
    return max(level for level in Level if severity >= level)


def may_reach(*, home_is_test: bool | None, person_is_test: bool) -> bool:
    """Return whether news of a home may go to a person: of test homes to test people only, of real homes to real ones.

    None: it concerns no home. The last guard, whoever queued the message and for whatever reason.
    """
    return home_is_test is None or home_is_test == person_is_test


@dataclass(frozen=True, slots=True)
class Reach:
    """How one person can be reached.

    `works`: the installation's channels by which there is an address of theirs. `choices`: what they chose by level, in
    order; a level without one has the defaults.
    """

    works: Collection[str] = ()
    choices: Mapping[Level, Sequence[str]] | None = None


def order_of(reach: Reach, level: Level) -> tuple[str, ...]:
    """Return the channels beside the app in the order they are tried.

    Who has chosen nothing is reached by everything there is for what is important, and by the app alone for the rest.
    """
    chosen = (reach.choices or {}).get(level)
    if chosen is None:
        chosen = default_order(reach.works) if level >= Level.IMPORTANT else ()
    return tuple(name for name in chosen if name in reach.works and name != APP)


def default_order(names: Collection[str]) -> tuple[str, ...]:
    """Return channels in the order that reaches a person soonest."""
    first = (PUSH, SMS, CALL)
    others = sorted(set(names) - {*first, EMAIL, APP})
    return tuple(name for name in (*first, *others, EMAIL) if name in names)


@dataclass(frozen=True, slots=True)
class Planned:
    """One message to send. `place` 0 is the app's, beside the others."""

    channel: str
    place: int
    due_at: datetime


def plan(order: Sequence[str], now: datetime) -> tuple[Planned, ...]:
    """Return when each channel is to be tried, counted as if none brought a receipt.

    All times stand from the beginning, so that a provider that hangs delays nothing.
    """
    others = (Planned(name, place, now + (place - 1) * RECEIPT_WITHIN) for place, name in enumerate(order, 1))
    return (Planned(APP, 0, now), *others)


def answer_by(subject: Subject, now: datetime) -> datetime | None:
    """Return when the next channel is to follow a message that came; None where no answer is wanted."""
    return now + ANSWER_WITHIN if subject in OF_ALERTS else None


def retry_at(subject: Subject, attempts: int, now: datetime, wanted: timedelta | None) -> datetime | None:
    """Return when to try again after a failure, with growing patience and at least as long as the provider `wanted`.

    None: it has been tried long enough. An alert is tried until somebody has it.
    """
    if subject is not Subject.ALERT and attempts >= _MOST_TRIES:
        return None
    patience: timedelta = min(LONGEST_RETRY, FIRST_RETRY * 2 ** min(max(0, attempts - 1), 10))
    return now + min(LONGEST_RETRY, max(patience, wanted or timedelta()))


def is_down(failing_since: datetime | None, failures: int, now: datetime) -> bool:
    """Return whether a channel fails as such: nobody can be reached by it."""
    return failing_since is not None and failures >= _FAILURES and now - failing_since >= _FAILING_FOR
