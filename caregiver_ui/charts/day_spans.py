"""How long something took, day by day, from the quick half to the slowest: a picture beside a table."""

from collections.abc import Sequence
from math import log10

from markupsafe import Markup

from caregiver_ui.charts.svg import hidden_picture

_WIDTH, _HEIGHT = 1000, 100
_SHORTEST_S = 0.01
_ROOM = 1.5  # above the longest

Span = tuple[float, float]


def draw_day_spans(days: Sequence[Span | None], lines: Sequence[tuple[float, str]]) -> Markup:
    """Draw a bar a day from the median (a thick dash) up to the 95th percentile. Screen readers pass by.

    Ten times as long is always as much higher, so that a second and an hour are seen in one picture.

    Args:
        days: seconds, oldest first; None: nothing to tell, which stays blank.
        lines: lengths in seconds, shortest first, and what each is called; those beyond the longest day are left out.
    """
    longest = max((max(day) for day in days if day), default=1.0)
    shown = [one for one in lines if one[0] <= longest] or list(lines[:1])
    bottom = log10(min([shown[0][0], *(max(day[0], _SHORTEST_S) for day in days if day)]) / _ROOM)
    top = log10(max(longest, shown[0][0]) * _ROOM)

    def up(seconds: float) -> float:
        return _HEIGHT * (1 - (log10(max(seconds, _SHORTEST_S)) - bottom) / (top - bottom))

    step = _WIDTH / max(len(days), 1)
    told = [((place + 0.5) * step, *day) for place, day in enumerate(days) if day]
    reach = "".join(f"M{x:.0f} {up(half):.1f}V{up(slow):.1f}" for x, half, slow in told)
    halves = "".join(f"M{x - step * 0.3:.0f} {up(half):.1f}h{step * 0.6:.0f}" for x, half, _ in told)
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
