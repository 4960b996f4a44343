"""Draws a row of quarter hours as SVG that needs no style attribute: the strict content policy would refuse one."""

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
    hatches: list[Markup] = []
    for step, first, length in runs(steps[:known_until]):
        if step is None:
            hatches.append(_hatch(first, length))
        elif step > 0:
            paths[step].append(f"M{first} 0h{length}v{_HEIGHT}h-{length}z")
    drawn = Markup("").join(
        Markup('<path class="step-{}" d="{}"/>').format(step, "".join(parts)) for step, parts in sorted(paths.items())
    )
    ground = Markup('<rect class="ground" width="{}" height="100%"/>').format(percent(known_until))
    scaled = Markup('<svg viewBox="0 0 {} {}" preserveAspectRatio="none" width="100%" height="100%">{}</svg>')
    return ground + scaled.format(QUARTERS_A_DAY, _HEIGHT, drawn) + Markup("").join(hatches)


def _hatch(first: int, length: int) -> Markup:
    mark = Markup('<rect class="no-data" x="{}" width="{}" height="100%" fill="url(#no-data)"/>')
    return mark.format(percent(first), percent(length))


def picture(marks: Markup, *, name: str, css_class: str) -> Markup:
    """Wrap marks as a picture; `name` is what a screen reader says instead of it."""
    frame = Markup('<svg class="{}" role="img" aria-label="{}" width="100%">{}</svg>')
    return frame.format(css_class, escape(name), marks)


def hidden_picture(marks: Markup, *, css_class: str) -> Markup:
    """Wrap marks as a picture that screen readers pass by, because words beside it say the same."""
    return Markup('<svg class="{}" aria-hidden="true" width="100%">{}</svg>').format(css_class, marks)
