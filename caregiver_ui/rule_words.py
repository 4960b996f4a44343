"""The words for agreed rules: what they say, when they hold, and what is wrong with a draft."""

from collections.abc import Collection
from datetime import tzinfo
from types import MappingProxyType

from caregiver_ui.language import Speech
from caregiver_ui.words import N_, in_room
from server.house_rules.conditions import Condition, ConditionKind
from server.house_rules.drafts import Wrong
from server.house_rules.rules import HouseRule, Match
from server.house_rules.service import ChangeView
from server.house_rules.windows import EVERY_DAY, Window, clock
from server.rounds.rules import Unfit

WEEKDAYS = frozenset(range(5))
WEEKEND = EVERY_DAY - WEEKDAYS

# What may be chosen, in the words of somebody who wishes for it.
CHOICES = MappingProxyType(
    {
        ConditionKind.FIRST_BY: N_("Not up or about by a time"),
        ConditionKind.NONE_FOR: N_("No movement for a while"),
        ConditionKind.TOO_LONG_IN: N_("Too long in a room"),
        ConditionKind.TOO_MANY: N_("Too many times to a room or through a door"),
        ConditionKind.NOT_BACK: N_("Went out and is not back"),
        ConditionKind.DOOR_UNOPENED: N_("A door was not opened"),
        ConditionKind.CARER_MISSING: N_("A planned visit did not come"),
    }
)
_CLAUSES = MappingProxyType(
    {
        ConditionKind.FIRST_BY: (
            N_("No movement from {begins} to {ends}"),
            N_("No movement{where} from {begins} to {ends}"),
        ),
        ConditionKind.NONE_FOR: (N_("No movement for {span}"), N_("No movement{where} for {span}")),
        ConditionKind.TOO_LONG_IN: (N_("Longer than {span}{where}"), N_("Longer than {span}{where}")),
        ConditionKind.TOO_MANY: (N_("More than {n} times{where}"), N_("More than {n} times{where}")),
        ConditionKind.NOT_BACK: (N_("Out, and not back by {ends}"), N_("Out, and not back by {ends}")),
        ConditionKind.DOOR_UNOPENED: (
            N_("The outer door not opened from {begins} to {ends}"),
            N_("The door{where} not opened from {begins} to {ends}"),
        ),
        ConditionKind.CARER_MISSING: (
            N_("The outer door not opened {span} after a planned visit should have begun"),
            N_("The door{where} not opened {span} after a planned visit should have begun"),
        ),
    }
)
_WRONG = MappingProxyType(
    {
        Wrong.NOT_A_TIME: N_("Write a time such as 07:30."),
        Wrong.EMPTY_WINDOW: N_("The end is the same as the beginning. A whole day is 00:00 to 24:00."),
        Wrong.NO_DAYS: N_("Choose at least one day."),
        Wrong.NO_CONDITION: N_("Choose between one and three conditions."),
        Wrong.NO_SUCH_KIND: N_("Choose what to watch for."),
        Wrong.NO_SUCH_ROOM: N_("Choose a room in this home in which a sensor hangs."),
        Wrong.NO_SUCH_DOOR: N_("Choose a door in this home with a sensor."),
        Wrong.NO_OUTER_DOOR: N_("No outer door in this home has a sensor, so this cannot be seen."),
        Wrong.NOT_MINUTES: N_("Write how many minutes, for instance 45."),
        Wrong.LONGER_THAN_WINDOW: N_("This is longer than the time it is watched, so it could never come."),
        Wrong.NOT_TIMES: N_("Write how many times, up to 100."),
        Wrong.NO_REASON: N_("Write why, for whoever reads it at night."),
        Wrong.REASON_TOO_LONG: N_("Write it in 300 letters at most."),
    }
)
_UNFIT = MappingProxyType(
    {
        Unfit.NOT_A_TIME: N_("Write times such as 23:00 03:00."),
        Unfit.NOT_A_QUARTER: N_("Choose whole quarter-hours such as 23:15, so that looks meet in one round."),
        Unfit.NO_TIMES: N_("Write at least one time, and twelve at most."),
        Unfit.NO_DAYS: N_("Choose at least one day."),
        Unfit.NOT_A_DATE: N_("Choose a date."),
        Unfit.ENDS_BEFORE: N_("The last day is before the first one."),
        Unfit.TOO_LONG: N_("A year at most: then it is looked at anew."),
        Unfit.NO_BASIS: N_("Write which decision or consent it rests on."),
        Unfit.BASIS_TOO_LONG: N_("Write it in 300 letters at most."),
    }
)
_CHANGES = MappingProxyType(
    {
        "set": N_("Written (version {n})"),
        "on": N_("Switched on"),
        "off": N_("Switched off"),
        "muted": N_("Muted"),
        "unmuted": N_("No longer muted"),
        "removed": N_("Taken away"),
    }
)


def clause(speech: Speech, one: Condition, window: Window) -> str:
    """Return what a condition says."""
    anywhere, somewhere = _CLAUSES[one.kind]
    return speech.gettext(somewhere if one.room else anywhere).format(
        where=in_room(speech, one.room),
        begins=clock(window.begins),
        ends=clock(window.ends),
        span=speech.span(one.minutes or 0),
        n=one.times,
    )


def joined(speech: Speech, rule: HouseRule) -> str:
    """Return how several conditions go together; empty where there is one."""
    if len(rule.conditions) == 1:
        return ""
    if rule.match is Match.ALL:
        return speech.gettext("When all of this holds at once:")
    return speech.gettext("When one of these holds:")


_TELL_THE_TIME = frozenset({ConditionKind.FIRST_BY, ConditionKind.DOOR_UNOPENED})


def when_words(speech: Speech, rule: HouseRule) -> str:
    """Return when a rule is watched; the time of day only where no condition has told it."""
    window = rule.window
    if any(one.kind in _TELL_THE_TIME for one in rule.conditions):
        return days_words(speech, window.days)
    text = speech.gettext("{days}, {begins} to {ends}")
    return text.format(days=days_words(speech, window.days), begins=clock(window.begins), ends=clock(window.ends))


def days_words(speech: Speech, days: Collection[int]) -> str:
    """Return weekdays in words."""
    known = {EVERY_DAY: N_("Every day"), WEEKDAYS: N_("On weekdays"), WEEKEND: N_("At weekends")}
    text = known.get(frozenset(days))
    return speech.gettext(text) if text else ", ".join(speech.weekday(day) for day in sorted(days)).capitalize()


def wrong_words(speech: Speech, wrong: str) -> str:
    """Return what to do about a field of a draft."""
    return speech.gettext(_WRONG[Wrong(wrong)] if wrong in set(Wrong) else _UNFIT[Unfit(wrong)])


def plan_wrong_words(speech: Speech, wrong: str) -> str:
    """Return what to do about a field of a plan of looks."""
    return speech.gettext(_UNFIT[Unfit(wrong)])


def change_words(speech: Speech, change: ChangeView, zone: tzinfo) -> str:
    """Return a line of a rule's history."""
    what = speech.gettext(_CHANGES[change.what]).format(n=change.version)
    day = speech.short_day(change.at.astimezone(zone).date())
    line = f"{day} {speech.clock(change.at, zone)} · {what} · {change.by}"
    return f"{line} – {change.why}" if change.why else line
