"""What sentences for reasons are made of: words with gaps, and the figures that go into them."""

from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from typing import Any

from caregiver_ui.language import Speech
from caregiver_ui.words import in_room

Figures = Mapping[str, Any]
Lines = tuple[str, ...]
# Says a reason's figures; of times in the home's zone, with the present to tell today from yesterday.
Sentence = Callable[[Speech, Figures, tzinfo, datetime], Lines]


def minutes_in(figures: Figures, *names: str) -> int:
    """Return the first of these figures that is there and not none; 0 where none is."""
    return next((int(figures[name]) for name in names if figures.get(name)), 0)


def at_place(text: str) -> Sentence:
    """Say it with where it was."""

    def sentence(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
        return (speech.gettext(text).format(where=in_room(speech, figures.get("room"))),)

    return sentence


def moment_in(value: object) -> datetime | None:
    """Read a time that may have gone through JSON. None when there is none, or when it names no zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None
