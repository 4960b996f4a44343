"""What happened above, what was alerted below, on one line of time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from markupsafe import Markup

from caregiver_ui.charts.svg import hidden_picture
from caregiver_ui.language import Speech

_LEAST = timedelta(hours=1)
_TICKS = 3
_EDGE = 6.0  # per cent: a label nearer to an edge would be cut


@dataclass(frozen=True, slots=True)
class StripMark:
    """Something that happened, an alert, or both. `tone` is the style's: good, waits, bad."""

    happened_at: datetime | None
    alerted_at: datetime | None
    tone: str


def draw_truth_strip(
    speech: Speech, marks: Sequence[StripMark], since: datetime, now: datetime, zone: tzinfo
) -> Markup:
    """Draw marks from `since` to `now`, with the hours below. Screen readers pass by: the table says the same."""
    begins = min(since, now - _LEAST)

    def place(at: datetime) -> float:
        return 2 + 96 * min(max((at - begins) / (now - begins), 0.0), 1.0)

    drawn = Markup("").join(_mark(place, mark) for mark in marks)
    lanes = Markup('<line class="truth-lane" x1="0" x2="100%" y1="18" y2="18"/>')
    lanes += Markup('<line class="truth-lane" x1="0" x2="100%" y1="54" y2="54"/>')
    span = now - begins
    times = Markup("").join(
        Markup('<text class="truth-time" x="{:.2f}%" y="84" text-anchor="{}">{}</text>').format(
            place(at), _anchor(place(at)), speech.clock(at, zone)
        )
        for at in (begins + span * number / _TICKS for number in range(_TICKS + 1))
    )
    return hidden_picture(lanes + drawn + times, css_class="truth-strip")


def _mark(place: Callable[[datetime], float], mark: StripMark) -> Markup:
    parts = []
    if mark.happened_at is not None and mark.alerted_at is not None:
        join = Markup('<line class="truth-join" x1="{:.2f}%" y1="18" x2="{:.2f}%" y2="54"/>')
        parts.append(join.format(place(mark.happened_at), place(mark.alerted_at)))
    if mark.happened_at is not None:
        at = Markup(
            '<svg x="{:.2f}%" y="18" overflow="visible"><path class="truth-happened" d="M0-8L8 0L0 8L-8 0Z"/></svg>'
        )
        parts.append(at.format(place(mark.happened_at)))
    if mark.alerted_at is not None:
        parts.append(
            Markup('<circle class="truth-alerted" cx="{:.2f}%" cy="54" r="7"/>').format(place(mark.alerted_at))
        )
    return Markup('<g data-tone="{}">{}</g>').format(mark.tone, Markup("").join(parts))


def _anchor(percent: float) -> str:
    return "start" if percent < _EDGE else "end" if percent > 100 - _EDGE else "middle"
