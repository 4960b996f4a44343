"""A learned day: how long a home is ordinarily silent at each hour, and after how long a silence is told of.

Figures and clock stand beside and below the drawing, so that they keep their size when it is stretched.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from caregiver_ui.charts.svg import hidden_picture
from caregiver_ui.language import Speech
from models.portrait import Hour

_WIDTH, _HEIGHT = 240, 100  # ten units an hour
_HOURS = 24
_MINUTES_AN_HOUR = 60
_GAP = 1.5
# Lines of the scale, in minutes: the first of these distances that needs no more than four.
_EVERY = (60, 120, 180, 240, 360, 720)
_MOST_LINES = 4


@dataclass(frozen=True, slots=True)
class LearnedDay:
    """The drawing, the figures of its left edge, and its clock."""

    plot: Markup
    figures: Markup
    clock: Markup


def draw_learned_day(speech: Speech, hours: Sequence[Hour]) -> LearnedDay:
    """Draw the 24 hours of a day. Screen readers pass by: the sentence and the table beside it say the same."""
    told = [hour.told_after for hour in hours if hour.told_after is not None]
    top = max([_MINUTES_AN_HOUR, *told, *(hour.middle for hour in hours)]) * 1.08
    every = next((one for one in _EVERY if top / one <= _MOST_LINES), _EVERY[-1])
    lines = list(range(every, int(top) + 1, every))

    def up(minutes: float) -> float:
        return _HEIGHT * (1 - min(minutes / top, 1.0))

    drawn = Markup("").join(
        Markup('<path class="grid" vector-effect="non-scaling-stroke" d="M0 {:.1f}h{}"/>').format(up(line), _WIDTH)
        for line in lines
    )
    drawn += _bars([up(hour.longest) for hour in hours], "step-1")
    drawn += _bars([up(hour.middle) for hour in hours], "step-3")
    drawn += _told([None if hour.told_after is None else up(hour.told_after) for hour in hours])
    frame = Markup('<svg viewBox="0 0 {} {}" preserveAspectRatio="none" width="100%" height="100%">{}</svg>')
    figures = Markup("").join(
        Markup('<text x="100%" y="{:.1f}%" dy="0.35em" text-anchor="end">{}</text>').format(up(line), speech.span(line))
        for line in lines
    )
    return LearnedDay(
        hidden_picture(frame.format(_WIDTH, _HEIGHT, drawn), css_class="learned-plot"),
        hidden_picture(figures, css_class="learned-figures"),
        hidden_picture(_clock(), css_class="acto-scale"),
    )


def draw_by_hour(counts: Sequence[int]) -> Markup:
    """Draw how many of something fell into each of 24 hours: a block for each."""
    most = max([3, *counts])
    width, height = _WIDTH / _HOURS, _HEIGHT / most
    blocks = "".join(
        f"M{hour * width + _GAP:.1f} {_HEIGHT - (place + 1) * height + 1:.1f}h{width - 2 * _GAP:.1f}v{height - 2:.1f}"
        f"h-{width - 2 * _GAP:.1f}z"
        for hour, count in enumerate(counts)
        for place in range(count)
    )
    frame = Markup('<svg viewBox="0 0 {} {}" preserveAspectRatio="none" width="100%" height="100%">{}</svg>')
    drawn = Markup('<rect class="ground" width="100%" height="100%"/><path class="step-3" d="{}"/>').format(blocks)
    picture = hidden_picture(frame.format(_WIDTH, _HEIGHT, drawn), css_class="by-hour")
    return picture + hidden_picture(_clock(), css_class="acto-scale")


def _bars(places: Sequence[float], css_class: str) -> Markup:
    parts = (f"M{n * 10 + _GAP} {_HEIGHT}V{top:.1f}h{10 - 2 * _GAP}V{_HEIGHT}z" for n, top in enumerate(places))
    return Markup('<path class="{}" d="{}"/>').format(css_class, "".join(parts))


def _told(places: Sequence[float | None]) -> Markup:
    """Draw a stepped line; it is broken where a silence is never told."""
    path, pen_is_down = "", False
    for n, at in enumerate(places):
        if at is not None:
            path += f"{'V' if pen_is_down else f'M{n * 10} '}{at:.1f}h10"
        pen_is_down = at is not None
    return Markup('<path class="told" vector-effect="non-scaling-stroke" d="{}"/>').format(path)


def _clock() -> Markup:
    labels = []
    for hour in range(0, 25, 3):
        anchor = {0: "start", 24: "end"}.get(hour, "middle")
        css_class = "" if hour % 6 == 0 else "fine"
        label = Markup('<text class="{}" x="{:.4g}%" y="1em" text-anchor="{}">{:02d}</text>')
        labels.append(label.format(css_class, 100 * hour / 24, anchor, hour))
    return Markup("").join(labels)
