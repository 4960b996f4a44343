"""The charts of a score as SVG. Positions are percentages, so that nothing but the drawing scales. Pure."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from typing import Final

from device_sims.scoring import words
from device_sims.scoring.figures import Rate
from device_sims.scoring.matching import JudgedAlert, JudgedTruth, Verdict
from device_sims.scoring.truth import AlertClass, Forbidden

_DAY: Final = timedelta(days=1)
_LONGEST_ROW: Final = 7 * _DAY
_HOURS_OF_A_DAY: Final = (0, 6, 12, 18, 24)
_ROW_PX: Final = 48
_TRACK_PX: Final = 34
_BAND_PX: Final = 16
_QUIET_PX: Final = 26  # taller: what happened lies on top of it
_THINNEST_PX: Final = 5
_ALERT_PX: Final = 10

HATCH: Final = (
    '<svg width="0" height="0" aria-hidden="true"><defs><pattern id="hatch" width="6" height="6" '
    'patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch-line" y2="6"/></pattern></defs>'
    "</svg>"
)
# A shape of its own for each verdict, so that colour is never the only sign.
_SHAPES: Final = {
    "in-time": '<circle r="6.5"/>',
    "late": '<path d="M0 -7 7 6 -7 6Z"/>',
    "again": '<circle r="4"/>',
    "wrong": '<rect x="-5.5" y="-5.5" width="11" height="11"/>',
    "false": '<path d="M0 -8 8 0 0 8 -8 0Z"/>',
    "false-technical": '<path d="M0 -7 7 0 0 7 -7 0Z"/>',
}
_STYLE_OF: Final = {
    Verdict.IN_TIME: "in-time", Verdict.LATE: "late", Verdict.AGAIN: "again", Verdict.WRONG_KIND: "wrong",
}  # fmt: skip


def sign(style: str) -> str:
    """Return one mark for a legend."""
    return f'<svg width="18" height="18" viewBox="-9 -9 18 18" aria-hidden="true">{_shape(style)}</svg>'


def band_sign(style: str) -> str:
    """Return one band for a legend."""
    return (
        f'<svg width="26" height="16" aria-hidden="true"><rect class="{style}" x="1" y="1" width="24" height="14" '
        'rx="3"/></svg>'
    )


@dataclass(frozen=True, slots=True)
class Row:
    """Some whole days of a home, drawn on one line from `first`."""

    first: datetime
    length: timedelta

    @property
    def end(self) -> datetime:
        """When the next row begins."""
        return self.first + self.length

    def at(self, moment: datetime) -> float:
        """Return where a moment lies, in percent."""
        return (moment - self.first) / self.length * 100


def row_length(spans: Iterable[tuple[datetime, datetime]]) -> timedelta:
    """Return how long each row is: a week, or as many whole days as the longest of some spans needs."""
    longest = max(end - first for first, end in spans)
    return min(_LONGEST_ROW, _DAY * math.ceil(longest / _DAY))


def row(time: Row, truths: Iterable[JudgedTruth], forbidden: Iterable[Forbidden], alerts: Iterable[JudgedAlert]) -> str:
    """Draw some days of a home: what happened as bands on a line, alerts as marks above it."""
    drawn = [_line(at, "grid", 0, _ROW_PX) for at in _grid(time)]
    drawn.append(f'<line class="track" x1="0" x2="100%" y1="{_TRACK_PX}" y2="{_TRACK_PX}"/>')
    for kept in forbidden:
        title = f"must stay quiet: {kept.label} ({kept.reason}), {words.moment(kept.begins_at)}"
        drawn.append(_band(time, kept.begins_at, kept.ends_at, "forbidden", title))
    for one in truths:
        is_met = one.verdict is Verdict.IN_TIME
        title = f"{one.truth.label}, {words.moment(one.truth.begins_at)}: {one.verdict or 'missed'}"
        style = "met" if is_met else "unmet"
        drawn.append(_band(time, one.truth.begins_at, one.truth.over_at, style, title))
    drawn += [_mark(time, one) for one in alerts]
    inside = "".join(drawn)
    return f'<svg width="100%" height="{_ROW_PX}" role="img" aria-label="{words.moment(time.first)}">{inside}</svg>'


def _grid(time: Row) -> list[float]:
    if time.length == _DAY:
        return [hour / 24 * 100 for hour in _HOURS_OF_A_DAY]
    days = round(time.length / _DAY)
    return [day / days * 100 for day in range(days + 1)]


def delays(truths: Sequence[JudgedTruth]) -> str:
    """Draw each alert in time as a dot between the beginning (left) and its limit (right)."""
    told = "{}: {} of {}".format
    dots = "".join(
        f'<svg x="{one.delay / one.truth.within * 100:.2f}%" y="12" overflow="visible"><g>'
        f"{_shape('in-time', told(one.truth.label, words.span(one.delay), words.span(one.truth.within)))}</g></svg>"
        for one in truths
        if one.delay is not None and one.verdict is Verdict.IN_TIME
    )
    return (
        '<svg width="100%" height="24" role="img" aria-label="delays"><line class="track" x1="0" x2="100%" y1="12" '
        f'y2="12"/>{_line(0, "track", 6, 18)}{_line(100, "track", 6, 18)}{dots}</svg>'
    )


def own_rate(one: Rate, most: float) -> str:
    """Draw our rate with its interval on an axis from 0 to `most`."""
    low, at, high = (min(value / most, 1) * 100 for value in (one.low, one.rate, one.high))
    whisker = f'<line class="whisker" x1="{low:.2f}%" x2="{high:.2f}%" y1="12" y2="12"/>'
    ends = _line(low, "whisker", 7, 17) + _line(high, "whisker", 7, 17)
    dot = f'<svg x="{at:.2f}%" y="12" overflow="visible">{_shape("in-time", words.rate(one))}</svg>'
    return _axis(whisker + ends + dot)


def other_rate(value: float, most: float) -> str:
    """Draw a published rate on the same axis."""
    at = min(value / most, 1) * 100
    return _axis(f'<svg x="{at:.2f}%" y="12" overflow="visible"><circle class="other" r="5"/></svg>')


def style_of(one: JudgedAlert) -> str:
    """Return the name of an alert's shape and colour."""
    if one.verdict is Verdict.FALSE:
        return "false-technical" if one.alert.alert_class is AlertClass.TECHNICAL else "false"
    return _STYLE_OF[one.verdict]


def _axis(inside: str) -> str:
    return (
        '<svg width="100%" height="24" aria-hidden="true"><line class="grid" x1="0" x2="100%" y1="12" y2="12"/>'
        f"{inside}</svg>"
    )


def _line(at: float, style: str, top: int, bottom: int) -> str:
    return f'<line class="{style}" x1="{at:.2f}%" x2="{at:.2f}%" y1="{top}" y2="{bottom}"/>'


def _band(time: Row, begins_at: datetime, ends_at: datetime, style: str, title: str) -> str:
    left, right = max(0.0, time.at(begins_at)), min(100.0, time.at(ends_at))
    high = _QUIET_PX if style == "forbidden" else _BAND_PX
    top = _TRACK_PX - high / 2
    # A short one is drawn wide enough to be seen: never narrower than a few pixels.
    return (
        f'<svg x="{left:.3f}%" y="{top}" width="{right - left:.3f}%" height="{high}" '
        f'overflow="visible"><rect class="{style}" width="100%" height="100%" rx="3" '
        f'style="min-width:{_THINNEST_PX}px"><title>{escape(title)}</title></rect></svg>'
    )


def _mark(time: Row, one: JudgedAlert) -> str:
    title = f"{words.kind(one.alert.kind)}, {words.moment(one.alert.raised_at)}: {one.verdict}"
    at = time.at(one.alert.raised_at)
    return f'<svg x="{at:.3f}%" y="{_ALERT_PX}" overflow="visible">{_shape(style_of(one), title)}</svg>'


def _shape(style: str, title: str = "") -> str:
    told = f"<title>{escape(title)}</title>" if title else ""
    return f'<g class="{style}">{told}{_SHAPES[style]}</g>'
