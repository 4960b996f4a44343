"""Counts as columns, one over another: a picture beside a table that says the same."""

from collections.abc import Sequence

from markupsafe import Markup

from caregiver_ui.charts.svg import hidden_picture

_WIDTH, _HEIGHT = 1000, 100
_GAP = 0.15


def draw_columns(stacks: Sequence[Sequence[int]], classes: Sequence[str]) -> Markup:
    """Draw a column for each stack; its parts, from below, have these style classes. Screen readers pass by."""
    top = max((sum(stack) for stack in stacks), default=0) or 1
    step = _WIDTH / max(len(stacks), 1)
    drawn = Markup("")
    for layer, name in enumerate(classes):
        parts = []
        for place, stack in enumerate(stacks):
            if stack[layer]:
                tall, below = (_HEIGHT * count / top for count in (stack[layer], sum(stack[:layer])))
                left, width = (place + _GAP) * step, (1 - 2 * _GAP) * step
                parts.append(f"M{left:.1f} {_HEIGHT - below:.1f}h{width:.1f}v-{tall:.1f}h-{width:.1f}z")
        if parts:
            drawn += Markup('<path class="{}" d="{}"/>').format(name, "".join(parts))
    scaled = Markup('<svg viewBox="0 0 {} {}" preserveAspectRatio="none" width="100%" height="100%">{}</svg>')
    return hidden_picture(scaled.format(_WIDTH, _HEIGHT, drawn), css_class="columns-picture")
