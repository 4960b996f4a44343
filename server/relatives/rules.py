"""What a relative may know, when they are told, and when not. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

MINUTES_A_DAY: Final = 1440
LONGEST_DELAY: Final = timedelta(days=1)
# A consent is asked for anew after this long: lives and families change.
LONGEST_AGREEMENT: Final = timedelta(days=730)


class Category(StrEnum):
    """What can be shared with a relative, each by itself."""

    STATUS = "status"  # the one calm status, and at most three coarse facts
    HANDLED = "handled"  # told when something has happened and has been seen to
    CRITICAL = "critical"  # told of a critical alert that is open still when the delay has run out
    TRENDS = "trends"  # the weekly summary of a follow-up plan
    VISITS = "visits"  # when the team comes next
    MESSAGES = "messages"  # the thread and the tasks


class Basis(StrEnum):
    """By whose word something is shared."""

    CONSENT = "consent"  # the resident's own
    DECISION = "decision"  # pasient- og brukerrettighetsloven § 4-6 a


class Fault(StrEnum):
    """What is wrong with an agreement as somebody filled it in."""

    NO_END = "no_end"
    ENDED = "ended"
    TOO_LONG = "too_long"
    NO_BASIS = "no_basis"
    DELAY = "delay"
    HALF_QUIET = "half_quiet"
    ALL_QUIET = "all_quiet"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which nothing is sent, by the clock on the wall; minutes after midnight. They may pass midnight."""

    begins: int
    ends: int

    def holds(self, local: datetime) -> bool:
        """Return whether a local time lies in it."""
        minute = local.hour * 60 + local.minute
        if self.begins < self.ends:
            return self.begins <= minute < self.ends
        return minute >= self.begins or minute < self.ends

    def after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """Return the first moment from `at` on that is not quiet."""
        local = at.astimezone(zone)
        if not self.holds(local):
            return at
        minute = local.hour * 60 + local.minute
        day = local.date() + timedelta(days=int(minute >= self.ends))
        return datetime.combine(day, time(self.ends // 60, self.ends % 60), zone).astimezone(at.tzinfo)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What holds between a resident and a relative.

    `delay`: how long the service has to see to something before the relative hears of it. `ends_on`: the last local
    day; None: no end was set. `takes_steps`: the relative and the service both want them asked to go there.
    """

    categories: frozenset[Category]
    delay: timedelta = timedelta(0)
    quiet: Quiet | None = None
    ends_on: date | None = None
    takes_steps: bool = False

    def allows(self, category: Category, today: date) -> bool:
        """Return whether a category is shared on a local day."""
        return category in self.categories and not self.has_ended(today)

    def has_ended(self, today: date) -> bool:
        """Return whether its last day is past."""
        return self.ends_on is not None and self.ends_on < today

    def may_be_asked(self, at: datetime, zone: ZoneInfo) -> bool:
        """Return whether the relative may be asked, at this moment, to go there."""
        local = at.astimezone(zone)
        is_quiet = self.quiet is not None and self.quiet.holds(local)
        return self.takes_steps and not self.has_ended(local.date()) and not is_quiet

    def heard_at(self, happened_at: datetime, zone: ZoneInfo) -> datetime:
        """Return when a relative is told of what happened at a moment: after the delay, and not in quiet hours."""
        at = happened_at + self.delay
        return at if self.quiet is None else self.quiet.after(at, zone)


# Of whom nothing was noted: a relative who was let in sees the status, as it always was, and is sent nothing.
UNWRITTEN: Final = Agreed(frozenset({Category.STATUS}))


@dataclass(frozen=True, slots=True)
class Wanted:
    """An agreement as somebody filled it in. `delay`, `quiet_from`, `quiet_until`: minutes; None: not filled in."""

    categories: frozenset[Category]
    basis: Basis | None
    ends_on: date | None
    delay: int | None = 0
    quiet_from: int | None = None
    quiet_until: int | None = None
    asked_to_step: bool = False


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a relative sets: never sooner or more than was agreed. Minutes, as in `Wanted`."""

    delay: int | None = 0
    quiet_from: int | None = None
    quiet_until: int | None = None
    agrees_to_step: bool = False


def faults_of(wanted: Wanted, today: date) -> Mapping[str, Fault]:
    """Return what is wrong, by field; nothing when it may be saved."""
    faults = dict(faults_in_times(wanted))
    if wanted.categories and wanted.basis is None:
        faults["basis"] = Fault.NO_BASIS
    if wanted.ends_on is None:
        faults["ends_on"] = Fault.NO_END
    elif wanted.ends_on < today:
        faults["ends_on"] = Fault.ENDED
    elif wanted.ends_on > today + LONGEST_AGREEMENT:
        faults["ends_on"] = Fault.TOO_LONG
    return faults


def faults_in_times(wanted: Wanted | Wishes) -> Mapping[str, Fault]:
    """Return what is wrong with a delay and quiet hours, by field."""
    faults: dict[str, Fault] = {}
    if wanted.delay is None or not timedelta(0) <= timedelta(minutes=wanted.delay) <= LONGEST_DELAY:
        faults["delay"] = Fault.DELAY
    ends = (wanted.quiet_from, wanted.quiet_until)
    if (ends[0] is None) != (ends[1] is None):
        faults["quiet"] = Fault.HALF_QUIET
    elif ends[0] is not None and ends[0] == ends[1]:
        faults["quiet"] = Fault.ALL_QUIET
    return faults


class Word(StrEnum):
    """What a relative is told of an alert; never what kind it is."""

    OPEN = "open"  # the service follows something up
    HANDLED = "handled"  # it has been seen to


@dataclass(frozen=True, slots=True)
class Happening:
    """An alert as far as relatives are concerned. `was_real`: closed as something that did happen."""

    raised_at: datetime
    is_critical: bool
    is_open: bool
    was_real: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about one alert and one relative: say a word now, look again at a moment, both or neither."""

    word: Word | None = None
    again_at: datetime | None = None


@dataclass(frozen=True)
class Hearer:
    """A relative as the telling of one alert knows them. `told`: the last word they were told of it."""

    agreed: Agreed
    zone: ZoneInfo
    told: Word | None = field(default=None)


def verdict(hearer: Hearer, what: Happening, now: datetime) -> Verdict:
    """Return what a relative is told of an alert, now or later.

    Handled before the delay ran out: nothing, or one calm word if that was agreed and something did happen. Who was
    told that something is open is always told that it has been seen to, however it ended.
    """
    today = now.astimezone(hearer.zone).date()
    word = _word(hearer, what, today)
    if word is None:
        return Verdict()
    # Who waits to hear that all is well waits no longer than the night.
    happened_at = now - hearer.agreed.delay if hearer.told is Word.OPEN else what.raised_at
    at = hearer.agreed.heard_at(happened_at, hearer.zone)
    if at <= now:
        at = hearer.agreed.quiet.after(now, hearer.zone) if hearer.agreed.quiet else now
    return Verdict(word) if at <= now else Verdict(again_at=at)


def _word(hearer: Hearer, what: Happening, today: date) -> Word | None:
    allows = hearer.agreed.allows
    if what.is_open:
        is_new = hearer.told is not Word.OPEN
        return Word.OPEN if is_new and what.is_critical and allows(Category.CRITICAL, today) else None
    if hearer.told is Word.OPEN:
        return None if hearer.agreed.has_ended(today) else Word.HANDLED
    is_news = hearer.told is None and what.was_real
    return Word.HANDLED if is_news and allows(Category.HANDLED, today) else None
