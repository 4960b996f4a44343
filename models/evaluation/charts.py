"""The charts of an evaluation as SVG. Drawings stretch with the page, their strokes and words do not. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from models.evaluation.goals import span
from models.evaluation.protocol import Line
from models.evaluation.scoring import Trial

_WIDTH: Final = 300.0
_HEIGHT: Final = 100.0


def recall_by_delay(line: Line, trials: Sequence[Trial]) -> str:
    """Draw the share found against the time it took, with the untouched traces' and what was asked."""
    length = max(one.window.end - one.window.start for one in trials)
    ours = _steps((one.delay_s for one in trials), len(trials), length)
    chance = _steps((one.chance_delay_s for one in trials), len(trials), length)
    goal = line.goal
    drawn = "".join(f'<path class="grid" d="M0 {y}H{_WIDTH}"/>' for y in (0, 50, 100))
    if goal.recall is not None:
        drawn += f'<path class="asked" d="M0 {_y(goal.recall):.1f}H{_WIDTH}"/>'
    if goal.median_s is not None:
        drawn += f'<path class="asked" d="M{goal.median_s / length * _WIDTH:.1f} 0V{_HEIGHT}"/>'
    drawn += f'<path class="chance" d="{chance}"/><path class="ours" d="{ours}"/>'
    found = sum(one.delay_s is not None for one in trials)
    label = f"{line.title}: {found} of {len(trials)} found within {span(length)}"
    return (
        f'<svg viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" preserveAspectRatio="none" role="img" aria-label="{label}">'
        f'{drawn}</svg><div class="axis"><span>0</span><span>{span(length / 2)}</span><span>{span(length)}</span></div>'
    )


def bar(rate: float, most: float, style: str) -> str:
    """Draw one rate as a bar on a scale to `most`."""
    width = rate / most * 100 if most else 0
    rect = f'<rect class="{style}" width="{width:.1f}%" height="14" rx="3"/>'
    return f'<svg height="14" width="100%" aria-hidden="true">{rect}</svg>'


def _steps(delays: Iterable[float | None], count: int, length: float) -> str:
    """Return the path of the share found by each moment."""
    path = f"M0 {_HEIGHT}"
    for number, delay in enumerate(sorted(one for one in delays if one is not None), start=1):
        path += f"H{delay / length * _WIDTH:.1f}V{_y(number / count):.1f}"
    return path + f"H{_WIDTH}"


def _y(share: float) -> float:
    return _HEIGHT * (1 - share)
