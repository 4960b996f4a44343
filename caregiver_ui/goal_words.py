"""The words of follow-up plans: goals, how they went, activities."""

from types import MappingProxyType

from caregiver_ui.fields import clock_text
from caregiver_ui.language import Speech
from caregiver_ui.words import N_
from server.follow_up.rules import GOALS, ActivityKind, GoalKind, Occasion, Week

_GOALS = MappingProxyType(
    {
        GoalKind.UP_BY: (N_("Up by"), N_("Up by {value}")),
        GoalKind.MEALS: (N_("Meals a day"), N_("{value} meals a day")),
        GoalKind.ROOM_CHANGES: (N_("Walks from room to room a day"), N_("{value} walks from room to room a day")),
        GoalKind.ACTIVE: (N_("Minutes with movement a day"), N_("{value} minutes with movement a day")),
        GoalKind.OUTINGS: (N_("Outings a week"), N_("{value} outings a week")),
        GoalKind.ACTIVITIES: (N_("Activities a week"), N_("{value} activities a week")),
    }
)

_OCCASIONS = MappingProxyType(
    {
        Occasion.HOSPITAL: N_("After a stay in hospital"),
        Occasion.FALL: N_("After a fall"),
        Occasion.ILLNESS: N_("After an illness"),
        Occasion.OTHER: N_("Another reason"),
    }
)

_ACTIVITIES = MappingProxyType(
    {
        ActivityKind.VISIT: N_("A visit, of a volunteer say"),
        ActivityKind.OUTING: N_("An outing"),
        ActivityKind.EXERCISE: N_("Exercise"),
        ActivityKind.SOCIAL: N_("Together with others"),
    }
)


def goal_name(speech: Speech, kind: GoalKind) -> str:
    """Return what a kind of goal is called on a form."""
    return speech.gettext(_GOALS[kind][0])


def goal_words(speech: Speech, kind: GoalKind, target: float) -> str:
    """Return a goal with its target."""
    return speech.gettext(_GOALS[kind][1]).format(value=value_words(speech, kind, target))


def value_words(speech: Speech, kind: GoalKind, value: float) -> str:
    """Return a value of a goal: a time of day, or a number."""
    return clock_text(round(value)) if kind is GoalKind.UP_BY else speech.number(round(value, 1))


def week_words(speech: Speech, kind: GoalKind, week: Week) -> str:
    """Return how a week went. Of a week of which nothing is known that is all that is said."""
    if not week.known:
        return speech.gettext("Not known")
    if GOALS[kind].is_weekly:
        return speech.ngettext("{n} time", "{n} times", week.reached).format(n=week.reached)
    text = speech.ngettext("{reached} of {n} day", "{reached} of {n} days", week.known)
    return text.format(reached=week.reached, n=week.known)


def occasion_words(speech: Speech, occasion: Occasion) -> str:
    """Return why there is a plan."""
    return speech.gettext(_OCCASIONS[occasion])


def activity_words(speech: Speech, kind: ActivityKind) -> str:
    """Return what somebody entered."""
    return speech.gettext(_ACTIVITIES[kind])
