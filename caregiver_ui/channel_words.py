"""What people call the ways in which they are told."""

from caregiver_ui.language import Speech
from server.notifications.rules import CALL, EMAIL, PUSH, SMS


def channel_words(speech: Speech, name: str) -> str:
    """Return what people call a channel; one that an installation made up is called as it named it."""
    words = {
        PUSH: speech.gettext("Message on the phone"),
        SMS: speech.gettext("SMS"),
        CALL: speech.gettext("Telephone call"),
        EMAIL: speech.gettext("E-mail"),
    }
    return words.get(name, name.replace("_", " ").capitalize())
