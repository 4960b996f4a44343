"""What a message says outside the app: that something came, never what or of whom. In the receiver's language."""

from dataclasses import dataclass
from types import MappingProxyType

from server.notifications.rules import Level, Subject, level_of


@dataclass(frozen=True, slots=True)
class Words:
    """A message as it is read on a locked screen."""

    title: str
    body: str


_OPEN = {"nb": "Åpne appen.", "nn": "Opne appen.", "en": "Open the app."}
_ALERT = {
    Level.CRITICAL: {"nb": "Nytt kritisk varsel", "nn": "Nytt kritisk varsel", "en": "New critical alert"},
    Level.IMPORTANT: {"nb": "Nytt viktig varsel", "nn": "Nytt viktig varsel", "en": "New important alert"},
    Level.NOTICE: {"nb": "Nytt varsel", "nn": "Nytt varsel", "en": "New alert"},
}
_OTHER = {
    Subject.STILL_ON_IT: {
        "nb": "Har du fortsatt varselet?",
        "nn": "Har du framleis varselet?",
        "en": "Are you still on it?",
    },
    Subject.DUTY_TEST: {"nb": "Prøvemelding", "nn": "Prøvemelding", "en": "Test message"},
    Subject.REMINDER: {"nb": "Påminnelse", "nn": "Påminning", "en": "Reminder"},
    Subject.MESSAGE: {"nb": "Ny melding", "nn": "Ny melding", "en": "New message"},
    Subject.CHAIN: {
        "nb": "Feil i varslingen",
        "nn": "Feil i varslinga",
        "en": "A fault in the alerting",
    },
}
_ARRIVED = MappingProxyType(
    {
        "nb": "Slik kommer et varsel. Ingenting har skjedd.",
        "nn": "Slik kjem eit varsel. Ingenting har hendt.",
        "en": "This is how an alert arrives. Nothing has happened.",
    }
)


def words_of(subject: Subject, severity: int, language: str) -> Words:
    """Return title and text. A language we do not speak is answered in bokmål."""
    spoken = language if language in _OPEN else "nb"
    titles = _ALERT[level_of(severity)] if subject is Subject.ALERT else _OTHER[subject]
    return Words(titles[spoken], (_ARRIVED if subject is Subject.DUTY_TEST else _OPEN)[spoken])
