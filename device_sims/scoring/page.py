"""A score as one HTML page that needs nothing else: no script, no font, no picture from elsewhere. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from importlib.resources import files
from typing import Final

from device_sims.scoring import charts, words
from device_sims.scoring.figures import Figures, KindFigures, Rate
from device_sims.scoring.matching import JudgedAlert, JudgedTruth, Judgement, Verdict
from device_sims.scoring.truth import Forbidden, Truth

# False alerts a home-week that others have published or that were measured on the TIHM homes, to stand beside ours.
_OTHERS: Final = (
    ("Bijlani et al. 2022, recall 84 %", 0.36),
    ("Wilhelm & Wahl 2024, emergency in 5 h 23 min", 0.63),
    ("Alert line (28-day maximum), measured", 0.80),
    ("Fixed gap, measured", 2.01),
)
_MOST_WEEKS: Final = 60
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
    parts = (_head(title, found), _recall(found, judged), _false(found), _homes(truth, judged, found), _list(judged))
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
    counts = ((one.late, "late"), (one.wrong_kind, "wrong kind"), (one.missed, "missed"))
    rest = ", ".join(f"{count} {name}" for count, name in counts if count) or "–"
    times = (("Half within", one.delay_p50), ("90 % within", one.delay_p90), ("Longest", one.delay_max))
    return (
        f"<tr><td><div><strong>{escape(one.label)}</strong>"
        f'<p class="subtle small">{escape(words.kinds(one.kinds))}</p></div>'
        f'<td class=number data-name="In time">{one.in_time} of {one.expected}<td class=chart>{charts.delays(of_kind)}'
        + "".join(f'<td class=number data-name="{name}">{words.span(value)}' for name, value in times)
        + f'<td data-name="Else">{rest}</tr>'
    )


def _false(found: Figures) -> str:
    own = found.false_merged
    most = max(own.high, *(value for _, value in _OTHERS)) * 1.05
    rows = f'<span class="name own">This run</span><span class="figure own">{own.rate:.2f}</span>'
    rows += charts.own_rate(own, most)
    rows += "".join(
        f'<span class="name subtle">{escape(name)}</span><span class="figure subtle">{value:.2f}</span>'
        f"{charts.other_rate(value, most)}"
        for name, value in _OTHERS
    )
    kinds = "".join(
        f"<tr><td><strong>{escape(words.kind(kind))}</strong>"
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
    drawn, weeks = [], 0
    for home in sorted({one.home for one in truth.watched}):
        rows = _weeks(home, truth, judged)
        if rows and weeks < _MOST_WEEKS:
            weeks += len(rows)
            head = f"<header><h3>{escape(home)}</h3>{_told(home, judged)}</header>"
            drawn.append(f'<div class="home">{head}{"".join(rows)}</div>')
    legend = "".join(f"<li>{mark}{name}</li>" for mark, name in _LEGEND)
    left = found.homes - len(drawn)
    note = "Each row is a week from midnight UTC; weeks without anything to show are left out"
    note += f", and so are {left} homes." if left else "."
    inside = f'<p class="small subtle">{note}</p><ul class="legend">{legend}</ul>{"".join(drawn)}'
    return _card("Home by home", words.guard_sentence(found), inside)


def _told(home: str, judged: Judgement) -> str:
    truths = [one for one in judged.truths if one.truth.home == home]
    in_time = sum(1 for one in truths if one.verdict is Verdict.IN_TIME)
    false = sum(1 for one in judged.alerts if one.alert.home == home and one.verdict is Verdict.FALSE)
    said = [f"{in_time} of {len(truths)} in time"] if truths else []
    said += [f"{false} false"] if false else []
    return f'<span class="subtle small">{", ".join(said)}</span>'


def _weeks(home: str, truth: Truth, judged: Judgement) -> list[str]:
    first = min(one.begins_at for one in truth.watched if one.home == home).astimezone(UTC)
    first = first.replace(hour=0, minute=0, second=0, microsecond=0)
    last = max(one.ends_at for one in truth.watched if one.home == home)
    truths = [one for one in judged.truths if one.truth.home == home]
    alerts = [one for one in judged.alerts if one.alert.home == home]
    forbidden = [one for one in truth.forbidden if one.home == home]
    rows = []
    while first < last:
        row = _week(first, truths, forbidden, alerts)
        rows += [row] if row else []
        first += charts.WEEK
    return rows


def _week(
    first: datetime, truths: Sequence[JudgedTruth], forbidden: Sequence[Forbidden], alerts: Sequence[JudgedAlert]
) -> str:
    end = first + charts.WEEK
    in_it = [one for one in truths if one.truth.begins_at < end and one.truth.over_at > first]
    quiet = [one for one in forbidden if one.begins_at < end and one.ends_at > first]
    told = [one for one in alerts if first <= one.alert.raised_at < end]
    if not (in_it or quiet or told):
        return ""
    drawing = charts.week_row(first, in_it, quiet, told)
    last_day = end - timedelta(days=1)
    return f'<div class="week"><span class="day">{first:%-d %b} – {last_day:%-d %b}</span>{drawing}</div>'


def _list(judged: Judgement) -> str:
    rows = "".join(
        f"<tr><td><strong>{escape(one.truth.label)}</strong><td data-name=Home>{escape(one.truth.home)}"
        f"<td data-name=Began>{words.moment(one.truth.begins_at)}<td data-name=Verdict>{_tag(one)}"
        f'<td class=number data-name="After">{words.span(one.delay)}'
        f'<td class=number data-name="Limit">{words.span(one.truth.within)}</tr>'
        for one in sorted(judged.truths, key=lambda one: (one.verdict is Verdict.IN_TIME, one.truth.begins_at))
    )
    head = "<tr><th>What<th>Home<th>Began<th>Verdict<th class=number>After<th class=number>Limit</tr>"
    said = "Everything that should have been alerted; first what was not alerted in time."
    table = f'<table class="stacked"><thead>{head}</thead><tbody>{rows}</tbody></table>'
    return _card("One by one", said, f"<details><summary>Show all {len(judged.truths):,}</summary>{table}</details>")


def _tag(one: JudgedTruth) -> str:
    style = "met" if one.verdict is Verdict.IN_TIME else "unmet"
    by = f" as {escape(words.kind(one.by.kind))}" if one.by else ""
    return f'<span class="tag {style}">{one.verdict or "missed"}{by}</span>'


def _card(heading: str, sentence: str, inside: str) -> str:
    return f'<section class="card"><h2>{heading}</h2><p class="lead">{escape(sentence)}</p>{inside}</section>'
