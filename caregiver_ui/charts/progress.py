"""A goal's progress: a dot for each day or a bar for each week, the target as a dashed line; words say the same.

Percentages and nested pictures keep dots round and lines even, however wide the page is.
"""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from caregiver_ui.charts.svg import hidden_picture
from server.follow_up.rules import Day, Week

# Air above and below, in per cent of the height; room for half a dot at the sides.
_AIR = 12.0
_LEAST_SLOTS = 7
_DOT, _DIAMOND = 5, 6


def draw_days(days: Sequence[Day], target: float, usual: float | None, *, slots: int) -> Markup:
    """Draw days from the first on: filled dots met the goal, hollow diamonds did not, hatching is not known.

    Args:
        days: from the plan's first day to the last that is known of.
        target: what is to be reached.
        usual: before the plan; None: not known, and not drawn.
        slots: how many days the whole plan has room for.
    """
    values = [day.value for day in days if day.value is not None]
    up = _scale([*values, target, *([] if usual is None else [usual])])
    width = 100 / max(slots, _LEAST_SLOTS)
    marks = [_ground(), *_lines(up, target, usual)]
    for place, day in enumerate(days):
        if day.value is None:
            marks.append(_hatch(place * width, width))
        else:
            marks.append(_mark((place + 0.5) * width, up(day.value), is_met=bool(day.is_met)))
    return hidden_picture(Markup("").join(marks), css_class="goal-chart")


def draw_weeks(weeks: Sequence[Week], target: float, usual: float | None, *, slots: int) -> Markup:
    """Draw weeks as bars, the reached ones stronger; hatching is a week of which nothing is known."""
    top = max([target, usual or 0, *(week.reached for week in weeks), 1]) * 1.15
    width = 100 / max(slots, 4)
    marks = [_ground()]
    for place, week in enumerate(weeks):
        if not week.known:
            marks.append(_hatch(place * width, width))
            continue
        height = 100 * week.reached / top
        css_class = "bar reached" if week.reached >= target else "bar"
        bar = Markup('<rect class="{}" x="{:.2f}%" width="{:.2f}%" y="{:.1f}%" height="{:.1f}%"/>')
        marks.append(bar.format(css_class, (place + 0.2) * width, 0.6 * width, 100 - height, height))
    marks += _lines(lambda value: 100 * (1 - value / top), target, usual)
    return hidden_picture(Markup("").join(marks), css_class="goal-chart")


def draw_scale(labels: Sequence[str], *, slots: int, every: int) -> Markup:
    """Draw the first day of each week, say, below a chart. `labels`: one every `every` slots, from the first."""
    width = 100 / slots
    text = Markup('<text x="{:.2f}%" y="1em">{}</text>')
    drawn = Markup("").join(text.format(place * every * width, label) for place, label in enumerate(labels))
    return hidden_picture(drawn, css_class="goal-scale")


def key(kind: str) -> Markup:
    """Return one mark for the legend: `met`, `not-met`, `target`, `usual` or `bar`."""
    if kind in {"target", "usual"}:
        mark = Markup('<line class="{}" x1="0" x2="100%" y1="50%" y2="50%"/>').format(kind)
    elif kind == "bar":
        mark = Markup('<rect class="bar reached" width="60%" x="20%" height="100%"/>')
    else:
        mark = _mark(50, 50, is_met=kind == "met")
    frame = Markup('<svg class="goal-chart-key goal-chart" aria-hidden="true" width="1.5em" height="1em">{}</svg>')
    return frame.format(mark)


def _scale(values: Sequence[float]) -> Callable[[float], float]:
    low, high = min(values), max(values)
    span = (high - low) or max(abs(high), 1.0) * 0.2
    return lambda value: _AIR + (100 - 2 * _AIR) * (high - value) / span


def _ground() -> Markup:
    return Markup('<rect class="ground" width="100%" height="100%"/>')


def _lines(up: Callable[[float], float], target: float, usual: float | None) -> list[Markup]:
    line = Markup('<line class="{}" x1="0" x2="100%" y1="{:.1f}%" y2="{:.1f}%"/>')
    found = [] if usual is None else [line.format("usual", up(usual), up(usual))]
    return [*found, line.format("target", up(target), up(target))]


def _hatch(at: float, width: float) -> Markup:
    mark = Markup('<rect class="no-data" x="{:.2f}%" width="{:.2f}%" height="100%" fill="url(#no-data)"/>')
    return mark.format(at, width)


def _mark(across: float, down: float, *, is_met: bool) -> Markup:
    if is_met:
        return Markup('<circle class="met" cx="{:.2f}%" cy="{:.1f}%" r="{}"/>').format(across, down, _DOT)
    shape = f"M0 -{_DIAMOND}L{_DIAMOND} 0L0 {_DIAMOND}L-{_DIAMOND} 0z"
    frame = Markup('<svg x="{:.2f}%" y="{:.1f}%" overflow="visible"><path class="not-met" d="{}"/></svg>')
    return frame.format(across, down, shape)
