"""A measure over weeks beside the person's own normal band, and the same in little beside a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from markupsafe import Markup

from caregiver_ui.charts.svg import hidden_picture

_WIDTH, _HEIGHT = 1000, 100
_WEEK = 7
_LEAST_FOR_A_MEAN = 3
_HEADROOM = 1.1


@dataclass(frozen=True, slots=True)
class Band:
    """What is normal for one person: between these."""

    low: float
    high: float


def draw_band(values: Sequence[float], band: Band | None, alerts: Sequence[int] = ()) -> Markup:
    """Draw days as dots, the mean of seven days as a line, the band with dashed edges; what is missing is hatched.

    Days outside the band are diamonds: a shape, not only a colour. Screen readers pass by: sentence and table say it.

    Args:
        values: one a day, oldest first; NaN: not known.
        band: what is normal; None: not known yet.
        alerts: which days (from 0) had an alert.
    """
    known = [value for value in values if isfinite(value)]
    top = max([*known, band.high if band else 0.0, 1e-6]) * _HEADROOM
    step = _WIDTH / max(len(values), 1)

    def up(value: float) -> float:
        return _HEIGHT * (1 - max(value, 0.0) / top)

    def across(day: float) -> float:
        return (day + 0.5) * step

    drawn = Markup("") if band is None else _band(up(band.high), up(max(band.low, 0.0)))
    drawn += _missing(values, step)
    drawn += _path("line", _line([(across(day), up(mean)) for day, mean in _means(values)]))
    outside = [band is not None and isfinite(one) and not band.low <= one <= band.high for one in values]
    for name, wanted in (("dots", False), ("diamonds", True)):
        places = "".join(
            f"M{across(day):.0f} {up(value):.1f}h0"
            for day, value in enumerate(values)
            if isfinite(value) and outside[day] is wanted
        )
        drawn += _path(name, places)
    drawn += _path("alerts", "".join(f"M{across(day):.0f} {_HEIGHT}v-12" for day in sorted(set(alerts))))
    scaled = Markup('<svg viewBox="0 0 {} {}" preserveAspectRatio="none" width="100%" height="100%">{}</svg>')
    return hidden_picture(scaled.format(_WIDTH, _HEIGHT, drawn), css_class="band")


def draw_sparkline(values: Sequence[float], *, is_far: bool) -> Markup:
    """Draw the mean of seven days as a line without figures, over what lies under it: from nothing to the highest."""
    means = _means(values)
    if len(means) < 2:  # noqa: PLR2004 - a line needs two ends
        return Markup("")
    top = max(mean for _, mean in means) or 1.0
    step = 100 / max(len(values) - 1, 1)
    places = [(day * step, 28 * (1 - mean / top) + 1) for day, mean in means]
    frame = f'<svg class="{"spark far" if is_far else "spark"}" aria-hidden="true" viewBox="0 0 100 30"'
    line = _line(places)
    drawn = (
        f'<path class="under" d="{line}V30H{places[0][0]:.0f}z"/><path vector-effect="non-scaling-stroke" d="{line}"/>'
    )
    return Markup(f'{frame} preserveAspectRatio="none">{drawn}</svg>')  # noqa: S704 - numbers only


def _means(values: Sequence[float]) -> list[tuple[int, float]]:
    """Return the mean of each day and the six before it, where enough of them are known."""
    found, total, known = [], 0.0, 0
    for day, value in enumerate(values):
        if isfinite(value):
            total, known = total + value, known + 1
        if day >= _WEEK and isfinite(gone := values[day - _WEEK]):
            total, known = total - gone, known - 1
        if known >= _LEAST_FOR_A_MEAN:
            found.append((day, total / known))
    return found


def _line(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.0f} {y:.1f}" for x, y in places) if places else ""


def _path(name: str, drawn: str) -> Markup:
    if not drawn:
        return Markup("")
    return Markup('<path class="{}" vector-effect="non-scaling-stroke" d="{}"/>').format(name, drawn)


def _band(top: float, bottom: float) -> Markup:
    area = Markup('<rect class="normal" y="{:.1f}" width="{}" height="{:.1f}"/>').format(top, _WIDTH, bottom - top)
    edges = f"M0 {top:.1f}h{_WIDTH}M0 {bottom:.1f}h{_WIDTH}"
    return area + _path("edges", edges)


def _missing(values: Sequence[float], step: float) -> Markup:
    mark = Markup('<rect class="no-data" x="{:.0f}" width="{:.0f}" height="100%" fill="url(#no-data)"/>')
    return Markup("").join(mark.format(day * step, step) for day, value in enumerate(values) if not isfinite(value))
