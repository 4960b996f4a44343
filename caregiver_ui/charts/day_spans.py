"""How long something took, day by day, from the quick half to the slowest: a picture beside a table."""

from collections.abc import Sequence
from math import log10

from markupsafe import Markup

from caregiver_ui.charts.svg import hidden_picture

_WIDTH, _HEIGHT = 1000, 100
_SHORTEST_S = 0.01
_ROOM = 1.6  # above the longest and below the shortest
_NAMES = 120  # so much of the width is for what the lines are called

Span = tuple[float, float]


def draw_day_spans(days: Sequence[Span | None], lines: Sequence[tuple[float, str]]) -> Markup:
    """Draw a bar a day from the median (a thick dash) up to the 95th percentile. Screen readers pass by.

    Ten times as long is always as much higher, so that a second and an hour are seen in one picture.

    Args:
        days: seconds, oldest first; None: nothing to tell, which stays blank.
        lines: lengths in seconds, shortest first, and what each is called; those that no day comes near are left out.
    """
    told = [day for day in days if day]
    low = max(min((half for half, _ in told), default=1.0), _SHORTEST_S)
    high = max(max((slow for _, slow in told), default=1.0), low)
    middle = log10(low * high) / 2
    near = min(lines, key=lambda line: abs(log10(line[0]) - middle))
    shown = [line for line in lines if low <= line[0] <= high] or [near]
    bottom, top = log10(min(low, shown[0][0]) / _ROOM), log10(max(high, shown[-1][0]) * _ROOM)

    def up(seconds: float) -> float:
        return _HEIGHT * (1 - (log10(max(seconds, _SHORTEST_S)) - bottom) / (top - bottom))

    step = (_WIDTH - _NAMES) / max(len(days), 1)
    drawn = [(_NAMES + (place + 0.5) * step, *day) for place, day in enumerate(days) if day]
    reach = "".join(f"M{x:.0f} {up(half):.1f}V{up(slow):.1f}" for x, half, slow in drawn)
    halves = "".join(f"M{x - step * 0.3:.0f} {up(half):.1f}h{step * 0.6:.0f}" for x, half, _ in drawn)
    grid = "".join(f"M0 {up(at):.1f}h{_WIDTH}" for at, _ in shown)
    scaled = Markup('<svg viewBox="0 0 {} {}" preserveAspectRatio="none" width="100%" height="100%">{}</svg>').format(
        _WIDTH, _HEIGHT, _path("grid", grid) + _path("reach", reach) + _path("halves", halves)
    )
    names = Markup("").join(
        Markup('<text x="4" y="{:.1f}%" dy="-3">{}</text>').format(up(at) * 100 / _HEIGHT, name) for at, name in shown
    )
    return hidden_picture(scaled + names, css_class="day-spans")


def _path(name: str, drawn: str) -> Markup:
    return Markup('<path class="{}" vector-effect="non-scaling-stroke" d="{}"/>').format(name, drawn)
