"""The words for simulated homes: what people do in them, what can be let happen, and what came of it."""

from types import MappingProxyType

from caregiver_ui.language import Speech
from caregiver_ui.words import N_, in_room
from server.simulations.messages import Being, BeingKind, Choice
from server.simulations.rules import Verdict

# `where` begins with a blank, or is empty. What a newer simulator calls otherwise is said to be spending time there.
_DOING = MappingProxyType(
    {
        "sleeping": N_("{name} is asleep{where}."),
        "lying_awake": N_("{name} lies awake{where}."),
        "napping": N_("{name} is having a nap{where}."),
        "on_toilet": N_("{name} is on the toilet{where}."),
        "washing": N_("{name} is washing{where}."),
        "showering": N_("{name} is having a shower{where}."),
        "dressing": N_("{name} is getting dressed{where}."),
        "cooking": N_("{name} is cooking{where}."),
        "eating": N_("{name} is eating{where}."),
        "making_coffee": N_("{name} is making coffee{where}."),
        "medication": N_("{name} is taking medicine{where}."),
        "watching_tv": N_("{name} is watching television{where}."),
        "reading": N_("{name} is reading{where}."),
        "tidying": N_("{name} is tidying up{where}."),
        "fetching": N_("{name} is fetching something{where}."),
        "at_the_door": N_("{name} is at the front door."),
        "in_garden": N_("{name} is in the garden."),
        "out": N_("{name} is out."),
        "away": N_("{name} is away."),
        "with_visitor": N_("{name} is sitting with a visitor{where}."),
        "cared_for": N_("{name} is being helped by home care{where}."),
        "wandering": N_("{name} is wandering about{where}."),
        "lying_on_floor": N_("{name} is lying on the floor{where}."),
        "prowling": N_("{name} is prowling{where}."),
    }
)
_SPENDS_TIME = N_("{name} is spending time{where}.")

_KINDS = MappingProxyType(
    {
        BeingKind.RESIDENT: N_("Resident"),
        BeingKind.PERSON: N_("Lives there"),
        BeingKind.VISITOR: N_("Visitor"),
        BeingKind.PET: N_("Pet"),
    }
)

# The simulator's own names for who has none.
_NAMES = MappingProxyType(
    {
        "resident": N_("The resident"),
        "spouse": N_("The spouse"),
        "carer": N_("Home care"),
        "visitor": N_("The visitor"),
        "guest": N_("The guest"),
        "cat": N_("The cat"),
    }
)

_CHOICES = MappingProxyType(
    {
        "press": N_("Presses the help button"),
        "pull_cord": N_("Pulls the cord"),
        "smoke": N_("Smoke"),
        "water_leak": N_("Water leak"),
        "fall_in_bathroom": N_("Fall in the bathroom"),
        "helped_up": N_("Somebody helps"),
        "goes_out": N_("Goes out"),
        "button_four_times": N_("Presses the help button four times"),
        "fall_at_night": N_("Falls on the way from the toilet at night"),
        "holiday": N_("Goes away for four days"),
        "leaves_at_night": N_("Leaves home at night and does not return"),
        "long_lie": N_("Lies on the bedroom floor for a day and a half"),
        "moved_sensor": N_("Somebody hangs the bathroom's motion sensor in the hallway"),
        "new_pet": N_("A cat moves in"),
        "night_wandering": N_("Walks about for an hour and a half at night"),
        "not_getting_up": N_("Does not get up in the morning"),
        "visitor_hides_fall": N_("A visitor is in the lounge while she lies in the bathroom"),
        "gateway_power_loss": N_("The gateway has no power"),
        "network_loss": N_("The network is gone"),
        "slow_network": N_("The network is slow"),
        "wrong_clock": N_("The gateway's clock is two hours ahead"),
    }
)

_PROFILES = MappingProxyType(
    {
        "healthy": N_("Healthy"),
        "frail": N_("Frail"),
        "dementia": N_("Dementia"),
        "copd_night_unrest": N_("COPD with restless nights"),
        "rehabilitation": N_("Rehabilitation"),
    }
)

_VERDICTS = MappingProxyType(
    {
        Verdict.IN_TIME: N_("In time"),
        Verdict.LATE: N_("Too late"),
        Verdict.ALREADY: N_("Was alerted already"),
        Verdict.AWAITED: N_("Awaited"),
        Verdict.OVER: N_("Was over before that"),
        Verdict.MISSED: N_("Missed"),
        Verdict.UNEXPECTED: N_("Not expected"),
        Verdict.FORBIDDEN: N_("Should not have come"),
    }
)


def being_name(speech: Speech, being: Being) -> str:
    """Return what somebody is called."""
    known = _NAMES.get(being.name)
    return speech.gettext(known) if known else being.name


def being_sentence(speech: Speech, being: Being) -> str:
    """Return where somebody is and what they do."""
    sentence = speech.gettext(_DOING.get(being.doing, _SPENDS_TIME))
    return sentence.format(name=being_name(speech, being), where=in_room(speech, being.room))


def being_kind(speech: Speech, kind: BeingKind) -> str:
    """Return who somebody is."""
    return speech.gettext(_KINDS[kind])


def choice_words(speech: Speech, choice: Choice) -> str:
    """Return what a scenario or a fault is called; one that is new to these pages by its own title."""
    known = _CHOICES.get(choice.code)
    return speech.gettext(known) if known else choice.title


def title_words(speech: Speech, title: str) -> str:
    """Return a truth's label in the reader's language, where it is one of ours."""
    return speech.gettext(title) if title in _CHOICES.values() else title


def profile_words(speech: Speech, profile: str) -> str:
    """Return what kind of person somebody is."""
    known = _PROFILES.get(profile)
    return speech.gettext(known) if known else profile.replace("_", " ")


def verdict_words(speech: Speech, verdict: Verdict) -> str:
    """Return how what happened and what was alerted go together."""
    return speech.gettext(_VERDICTS[verdict])
