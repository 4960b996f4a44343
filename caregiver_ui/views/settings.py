"""A person's own channels as the settings page shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from caregiver_ui.channel_words import channel_words
from caregiver_ui.language import NORWAY, Speech
from server.errors import ContactError
from server.notifications.reach import OwnChannels
from server.notifications.rules import PUSH, Level
from server.notifications.service import Delivery

_FIELD = {Level.CRITICAL: "critical", Level.IMPORTANT: "important", Level.NOTICE: "notice"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One place in an order. `name`: of the form's field."""

    name: str
    words: str
    chosen: str


@dataclass(frozen=True, slots=True)
class LevelChoices:
    """The order of one level. `warning`: empty when all is well."""

    words: str
    choices: tuple[Choice, ...]
    warning: str


@dataclass(frozen=True, slots=True)
class Test:
    """One channel that can be tried; `result` is empty until it has been."""

    channel: str
    words: str
    state: str
    result: str


def level_choices(speech: Speech, mine: OwnChannels) -> list[LevelChoices]:
    """Return the orders, the gravest level first; none where there is no channel beside the app."""
    if not mine.offered:
        return []
    words = {
        Level.CRITICAL: speech.gettext("Critical"),
        Level.IMPORTANT: speech.gettext("Important"),
        Level.NOTICE: speech.gettext("For information"),
    }
    return [
        LevelChoices(words[level], tuple(_choices(speech, mine, level)), _warning(speech, mine, level))
        for level in sorted(Level, reverse=True)
    ]


def chosen_in(form: Mapping[str, str], offered: Sequence[str]) -> dict[Level, list[str]]:
    """Return the orders that a form says; what it leaves out or repeats is left out."""
    return {
        level: list(dict.fromkeys(said for n in range(len(offered)) if (said := form.get(f"{field}-{n}", ""))))
        for level, field in _FIELD.items()
    }


def channel_tests(speech: Speech, mine: OwnChannels, found: Sequence[Delivery]) -> list[Test]:
    """Return what can be tried beside this device's own: each other channel with an address, and how far it came."""
    came = {one.channel: one for one in found}
    return [
        Test(name, channel_words(speech, name), *_result(speech, came.get(name)))
        for name in mine.offered
        if name in mine.works and name != PUSH
    ]


def fault_words(speech: Speech, error: ContactError) -> dict[str, str]:
    """Return what is wrong, by field."""
    words = {
        "phone": speech.gettext("That is no telephone number. Write for example 900 00 000 or +46 70 123 45 67."),
        "email": speech.gettext("That is no e-mail address. Write for example name@example.org."),
    }
    if error.field in words:
        return {error.field: words[error.field]}
    return {"channels": speech.gettext("There is no such way, or you have given no address for it.")}


def _choices(speech: Speech, mine: OwnChannels, level: Level) -> list[Choice]:
    chosen = mine.chosen[level]
    return [
        Choice(
            f"{_FIELD[level]}-{number}",
            speech.gettext("First") if number == 0 else speech.gettext("Then"),
            chosen[number] if number < len(chosen) else "",
        )
        for number in range(len(mine.offered))
    ]


def _warning(speech: Speech, mine: OwnChannels, level: Level) -> str:
    if level is Level.CRITICAL and not mine.orders[level]:
        return speech.gettext("Only an open page will tell you. Turn on messages, or give a telephone number.")
    return ""


def _result(speech: Speech, came: Delivery | None) -> tuple[str, str]:
    if came is None:
        return "", ""
    if came.received_at is not None or came.sent_at is not None:
        at = speech.clock(came.received_at or came.sent_at or came.queued_at, NORWAY)
        return "good", speech.gettext("Handed over {clock}. Did it come?").format(clock=at)
    if came.is_waiting:
        return "wait", speech.gettext("On its way …")
    return "bad", speech.gettext("It could not be sent")
