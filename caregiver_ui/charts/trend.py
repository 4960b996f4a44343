"""A few measurements over some weeks as dots and a thin line: enough to see a rise or a fall."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from caregiver_ui.charts.svg import hidden_picture

_WIDTH, _HEIGHT = 1000, 100
_LEAST_SPAN = 0.05  # of the middle value: what hardly changes looks as if it did


def draw_trend(lines: Sequence[Sequence[tuple[datetime, float]]], start: datetime, end: datetime) -> Markup:
    """Draw lines of (moment, value), oldest first, on one scale; screen readers pass by: words beside it say the same.

    Args:
        lines: one, or two that belong together as the two pressures do. Empty: nothing is drawn.
        start: the left edge.
        end: the right edge.
    """
    values = [value for line in lines for _, value in line]
    if not values:
        return Markup("")
    middle = (min(values) + max(values)) / 2
    span = max(max(values) - min(values), abs(middle) * _LEAST_SPAN) or 1.0

    def place(at: datetime, value: float) -> str:
        across = min(max((at - start) / (end - start), 0.0), 1.0)
        return f"{across * _WIDTH:.0f} {(0.5 - (value - middle) / span) * _HEIGHT:.0f}"

    drawn = Markup("").join(_line([place(at, value) for at, value in line]) for line in lines if line)
    scaled = Markup('<svg viewBox="0 0 {} {}" preserveAspectRatio="none" width="100%" height="100%">{}</svg>')
    return hidden_picture(scaled.format(_WIDTH, _HEIGHT, drawn), css_class="trend")


def _line(places: Sequence[str]) -> Markup:
    """Draw a line and its dots. A stroke that does not scale keeps them round when the picture is stretched."""
    path = Markup('<path class="{}" vector-effect="non-scaling-stroke" d="{}"/>')
    dots = "".join(f"M{place}h0" for place in places)
    return path.format("line", "M" + "L".join(places)) + path.format("dots", dots)
