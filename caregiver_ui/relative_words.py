"""The words for what is shared with relatives, and for what is wrong with what somebody filled in."""

from types import MappingProxyType

from caregiver_ui.language import Speech
from caregiver_ui.words import N_
from server.relatives.rules import Basis, Category

# Each with one line of what it means.
_CATEGORIES = MappingProxyType(
    {
        Category.STATUS: (N_("Status"), N_("One calm status, and at most three coarse facts of the day.")),
        Category.HANDLED: (
            N_("What has been seen to"),
            N_("A message when something has happened and has been seen to."),
        ),
        Category.CRITICAL: (
            N_("Critical alerts"),
            N_("A message when a critical alert is still open after the waiting time."),
        ),
        Category.TRENDS: (N_("Weekly summary"), N_("How the goals of a follow-up plan go, week by week.")),
        Category.VISITS: (N_("Visits"), N_("When the home-care service comes next.")),
        Category.MESSAGES: (N_("Messages and tasks"), N_("To write with the team, and small tasks to share.")),
    }
)

_BASES = MappingProxyType(
    {
        Basis.CONSENT: N_("The resident's own consent"),
        Basis.DECISION: N_("A decision under section 4-6 a of the Patients' Rights Act"),
    }
)

# By field where the same fault reads differently, else by the fault alone.
_FAULTS = MappingProxyType(
    {
        "no_end": N_("Write until when it holds."),
        "ended": N_("That day is past. Choose a later one."),
        "too_long": N_("At most two years; then it is talked over again."),
        "no_basis": N_("Choose by whose word it is shared."),
        "delay": N_("Choose a waiting time between none and a day."),
        "no_time": N_("Write a time such as 07:30."),
        "half_quiet": N_("Fill in both times, or neither."),
        "all_quiet": N_("The two times are the same. Leave both empty for no quiet hours."),
        "no_span": N_("Write a time later than now, at most three days ahead."),
        "no_day": N_("Choose a day."),
        "not_ahead": N_("Choose today or a later day, at most a year ahead."),
        "not_in_thread": N_("Messages and tasks are not shared with that person."),
        ("text", "empty"): N_("Write something first."),
        ("title", "empty"): N_("Write what is to be done."),
        ("text", "too_long"): N_("At most 2,000 characters."),
        ("title", "too_long"): N_("At most 120 characters."),
        "ends_first": N_("The last day must not be past, and not before the first."),
        "plan_too_long": N_("At most half a year; then the goals are talked over again."),
        "too_early": N_("Choose a day at most eight weeks from today."),
        "another": N_("There is a plan already. End it first."),
        "no_goal": N_("Choose at least one goal."),
        "range": N_("That is no number this goal can have."),
        "not_yet": N_("Choose today or a day in the last two months."),
        "long_words": N_("At most 80 characters."),
    }
)


def category_words(speech: Speech, category: Category) -> tuple[str, str]:
    """Return what a category is called, and what it means."""
    name, meaning = _CATEGORIES[category]
    return speech.gettext(name), speech.gettext(meaning)


def basis_words(speech: Speech, basis: Basis) -> str:
    """Return by whose word something is shared."""
    return speech.gettext(_BASES[basis])


def fault_words(speech: Speech, field: str, fault: str) -> str:
    """Return what is wrong with a field, and what to do."""
    return speech.gettext(_FAULTS[(field, fault)] if (field, fault) in _FAULTS else _FAULTS[fault])


def faults_words(speech: Speech, faults: dict[str, str]) -> dict[str, str]:
    """Return the sentence for each field that is wrong."""
    return {field: fault_words(speech, field, fault) for field, fault in faults.items()}
