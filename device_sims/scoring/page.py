"""A score as one HTML page that needs nothing else: no script, no font, no picture from elsewhere. Pure."""

from collections.abc import Sequence
from datetime import timedelta
from html import escape
from importlib.resources import files
from typing import Final

from device_sims.scoring import charts, words
from device_sims.scoring.figures import Figures, KindFigures, Rate
from device_sims.scoring.matching import JudgedAlert, JudgedTruth, Judgement, Verdict
from device_sims.scoring.one_by_one import one_by_one
from device_sims.scoring.truth import AlertClass, Forbidden, Truth

# False alerts a home-week that others have published or that were measured on the TIHM homes, to stand beside ours.
_OTHERS: Final = (
    ("Bijlani et al. 2022, recall 84 %", 0.36),
    ("Wilhelm & Wahl 2024, emergency in 5 h 23 min", 0.63),
    ("Alert line (28-day maximum), measured", 0.80),
    ("Fixed gap, measured", 2.01),
)
_MOST_ROWS: Final = 60
_HALF_A_DAY: Final = timedelta(hours=12)
_LEGEND: Final = (
    (charts.band_sign("met"), "happened, alerted in time"),
    (charts.band_sign("unmet"), "happened, not alerted in time"),
    (charts.band_sign("forbidden"), "must stay quiet"),
    (charts.sign("in-time"), "alert in time"),
    (charts.sign("late"), "late"),
    (charts.sign("again"), "again"),
    (charts.sign("wrong"), "wrong kind"),
    (charts.sign("false"), "false"),
    (charts.sign("false-technical"), "false, technical"),
)


def page(title: str, truth: Truth, judged: Judgement, found: Figures) -> str:
    """Return the whole page."""
    style = files("device_sims.scoring").joinpath("report.css").read_text(encoding="utf-8")
    parts = (
        _head(title, found),
        _recall(found, judged),
        _false(found, judged),
        _homes(truth, judged, found),
        _card(*one_by_one(judged)),
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{escape(title)}</title><style>{style}</style></head>'
        f"<body>{charts.HATCH}<main>{''.join(parts)}</main></body></html>\n"
    )


def _head(title: str, found: Figures) -> str:
    expected = sum(one.expected for one in found.by_kind)
    in_time = sum(one.in_time for one in found.by_kind)
    human = found.technical_taken_for_human
    tiles = (
        _tile("Alerted in time", f"{in_time} of {expected}", "", is_bad=in_time < expected),
        _tile("False alerts a home-week", f"{found.false_merged.rate:.2f}", _interval(found.false_merged)),
        _tile("Faults taken for a person", str(human), "", human > 0),
        _tile("Kept quiet when they must", f"{found.forbidden - found.forbidden_violated} of {found.forbidden}", "",
              found.forbidden_violated > 0),
    )  # fmt: skip
    return (
        f'<header><h1>{escape(title)}</h1><p class="subtle">{found.homes:,} homes, {found.home_weeks:,.1f} home-weeks. '
        f'All times are UTC.</p></header><section class="card"><dl>{"".join(tiles)}</dl></section>'
    )


def _tile(name: str, value: str, more: str = "", is_bad: bool = False) -> str:  # noqa: FBT001, FBT002 - a flag of the look
    small = f"<small>{more}</small>" if more else ""
    return f"<div><dt>{name}</dt><dd{' class=bad' if is_bad else ''}>{value}{small}</dd></div>"


def _interval(one: Rate) -> str:
    return f"95 % interval {one.low:.2f} to {one.high:.2f}"


def _recall(found: Figures, judged: Judgement) -> str:
    rows = "".join(_kind_row(one, judged.truths) for one in found.by_kind)
    head = (
        "<tr><th>What, and what counts as an alert<th class=number>In time<th>Delay, from at once to its limit"
        "<th class=number>Half within<th class=number>90 % within<th class=number>Longest<th>Else</tr>"
    )
    return _card(
        "What happened",
        words.recall_sentence(found.by_kind),
        f'<table class="stacked"><thead>{head}</thead><tbody>{rows}</tbody></table>',
    )


def _kind_row(one: KindFigures, truths: Sequence[JudgedTruth]) -> str:
    of_kind = [truth for truth in truths if truth.truth.label == one.label]
    times = (("Half within", one.delay_p50), ("90 % within", one.delay_p90), ("Longest", one.delay_max))
    return (
        f"<tr><td><div><strong>{escape(one.label)}</strong>"
        f'<p class="subtle small">{escape(words.kinds(one.kinds))}</p></div>'
        f'<td class=number data-name="In time">{one.in_time} of {one.expected}<td class=chart>{charts.delays(of_kind)}'
        + "".join(f'<td class=number data-name="{name}">{words.span(value)}' for name, value in times)
        + f'<td data-name="Else">{words.otherwise(one)}</tr>'
    )


def _false(found: Figures, judged: Judgement) -> str:
    own = found.false_merged
    most = max(own.high, *(value for _, value in _OTHERS)) * 1.05
    rows = f'<span class="name own">This run</span><span class="figure own">{own.rate:.2f}</span>'
    rows += charts.own_rate(own, most)
    rows += "".join(
        f'<span class="name subtle">{escape(name)}</span><span class="figure subtle">{value:.2f}</span>'
        f"{charts.other_rate(value, most)}"
        for name, value in _OTHERS
    )
    technical = {one.alert.kind for one in judged.alerts if one.alert.alert_class is AlertClass.TECHNICAL}
    kinds = "".join(
        f"<tr><td><span><strong>{escape(words.kind(kind))}</strong>"
        f"{' <span class=subtle>of a device</span>' if kind in technical else ''}</span>"
        f'<td class=number data-name="Count">{one.count}<td class=number data-name="A home-week">{one.rate:.2f}'
        f'<td class=number data-name="95 % interval">{one.low:.2f} to {one.high:.2f}</tr>'
        for kind, one in found.false_by_kind
    )
    table = (
        '<table class="stacked"><thead><tr><th>False alerts<th class=number>Count<th class=number>A home-week'
        f"<th class=number>95 % interval</tr></thead><tbody>{kinds}</tbody></table>"
    )
    note = (
        '<p class="small subtle">Alerts of one home less than 6 h apart count once, as in published figures; ours are '
        "from simulated homes, those from real ones.</p>"
    )
    chart = f'<div class="bars">{rows}</div>{note}'
    return _card("Disturbed for nothing", words.false_sentence(found), chart + (table if kinds else ""))


def _homes(truth: Truth, judged: Judgement, found: Figures) -> str:
    length = charts.row_length((one.begins_at, one.ends_at) for one in truth.watched)
    drawn, count = [], 0
    for home in sorted({one.home for one in truth.watched}):
        rows = _rows(home, truth, judged, length)
        if rows and count < _MOST_ROWS:
            count += len(rows)
            head = f"<header><h3>{escape(home)}</h3>{_told(home, judged)}</header>"
            drawn.append(f'<div class="home">{head}{"".join(rows)}</div>')
    legend = "".join(f"<li>{mark}{name}</li>" for mark, name in _LEGEND)
    left = found.homes - len(drawn)
    note = f"Each row is {_long(length)} from when the home's watch began; rows without anything to show are left out"
    note += f", and so {'is 1 home' if left == 1 else f'are {left:,} homes'}." if left else "."
    note = f"{note} {words.rest_sentence(found)}".strip()
    inside = f'<p class="small subtle">{note}</p><ul class="legend">{legend}</ul>{"".join(drawn)}'
    return _card("Home by home", words.guard_sentence(found), inside)


def _long(length: timedelta) -> str:
    return {1: "a day, with a line each 6 h,", 7: "a week"}.get(length.days, f"{length.days} days")


def _told(home: str, judged: Judgement) -> str:
    truths = [one for one in judged.truths if one.truth.home == home]
    in_time = sum(1 for one in truths if one.verdict is Verdict.IN_TIME)
    false = [one.alert for one in judged.alerts if one.alert.home == home and one.verdict is Verdict.FALSE]
    technical = sum(1 for one in false if one.alert_class is AlertClass.TECHNICAL)
    said = [f"{in_time} of {len(truths)} in time"] if truths else []
    said += [f"{len(false) - technical} false"] if len(false) > technical else []
    said += [f"{technical} false about devices"] if technical else []
    return f'<span class="subtle small">{", ".join(said)}</span>'


def _rows(home: str, truth: Truth, judged: Judgement, length: timedelta) -> list[str]:
    first = min(one.begins_at for one in truth.watched if one.home == home)
    last = max(one.ends_at for one in truth.watched if one.home == home)
    truths = [one for one in judged.truths if one.truth.home == home]
    alerts = [one for one in judged.alerts if one.alert.home == home]
    last = max([last, *(one.alert.raised_at + timedelta.resolution for one in alerts)])
    forbidden = [one for one in truth.forbidden if one.home == home]
    rows = []
    while first < last:
        rows.append(_row(charts.Row(first, length), truths, forbidden, alerts))
        first += length
    return [drawn for drawn in rows if drawn]


def _row(
    time: charts.Row, truths: Sequence[JudgedTruth], forbidden: Sequence[Forbidden], alerts: Sequence[JudgedAlert]
) -> str:
    in_it = [one for one in truths if one.truth.begins_at < time.end and one.truth.over_at > time.first]
    quiet = [one for one in forbidden if one.begins_at < time.end and one.ends_at > time.first]
    told = [one for one in alerts if time.first <= one.alert.raised_at < time.end]
    if not (in_it or quiet or told):
        return ""
    # A watch begins at a home's own midnight, which is some hours off in UTC.
    first_day, last_day = time.first + _HALF_A_DAY, time.end - _HALF_A_DAY
    days = f"{first_day:%-d %b}" + (f" – {last_day:%-d %b}" if last_day > first_day else "")
    return f'<div class="week"><span class="day">{days}</span>{charts.row(time, in_it, quiet, told)}</div>'


def _card(heading: str, sentence: str, inside: str) -> str:
    return f'<section class="card"><h2>{heading}</h2><p class="lead">{escape(sentence)}</p>{inside}</section>'
