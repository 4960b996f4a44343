"""Draws a row of quarter hours as SVG that needs no style attribute: the strict content policy would refuse one.

Numbers are put together as plain text and marked as drawn once: escaping each of thousands would take most of the time.
Words always go through `Markup.format`, which escapes them.
"""

from collections import defaultdict
from collections.abc import Sequence

from markupsafe import Markup, escape

from caregiver_ui.charts.quarters import QUARTERS_A_DAY, runs

# Height of a row in its own units; the style sheet sets the real height.
_HEIGHT = 10


def percent(quarters: float) -> str:
    """Return a place along the row. Percentages let text and hatching keep their size when the row is stretched."""
    return f"{100 * quarters / QUARTERS_A_DAY:.4g}%"


def row_marks(steps: Sequence[int | None], known_until: int = QUARTERS_A_DAY) -> Markup:
    """Draw one row: a ground, one path for each strength of colour, and hatching where data is missing.

    Args:
        steps: strength of colour of each quarter hour; None where nothing is known.
        known_until: quarters from here on are still to come and stay blank.
    """
    paths: dict[int, list[str]] = defaultdict(list)
    hatches: list[str] = []
    for step, first, length in runs(steps[:known_until]):
        if step is None:
            hatches.append(_hatch(first, length))
        elif step > 0:
            paths[step].append(f"M{first} 0h{length}v{_HEIGHT}h-{length}z")
    drawn = "".join(f'<path class="step-{step}" d="{"".join(parts)}"/>' for step, parts in sorted(paths.items()))
    ground = f'<rect class="ground" width="{percent(known_until)}" height="100%"/>'
    scaled = f'<svg viewBox="0 0 {QUARTERS_A_DAY} {_HEIGHT}" preserveAspectRatio="none" width="100%" height="100%">'
    return Markup(ground + scaled + drawn + "</svg>" + "".join(hatches))  # noqa: S704 - numbers only


def _hatch(first: int, length: int) -> str:
    place = f'x="{percent(first)}" width="{percent(length)}"'
    return f'<rect class="no-data" {place} height="100%" fill="url(#no-data)"/>'


def picture(marks: Markup, *, name: str, css_class: str) -> Markup:
    """Wrap marks as a picture; `name` is what a screen reader says instead of it."""
    frame = Markup('<svg class="{}" role="img" aria-label="{}" width="100%">{}</svg>')
    return frame.format(css_class, escape(name), marks)


def hidden_picture(marks: Markup, *, css_class: str) -> Markup:
    """Wrap marks as a picture that screen readers pass by, because words beside it say the same."""
    return Markup('<svg class="{}" aria-hidden="true" width="100%">{}</svg>').format(css_class, marks)
