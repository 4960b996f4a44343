"""A report's lists: each happening and each false alert, folded away until somebody looks. Pure."""

from html import escape
from typing import Final

from device_sims.scoring import words
from device_sims.scoring.matching import JudgedAlert, JudgedTruth, Judgement, Verdict
from device_sims.scoring.truth import AlertClass

_MOST_LISTED: Final = 500


def one_by_one(judged: Judgement) -> tuple[str, str, str]:
    """Return a heading, a sentence and two lists to unfold."""
    rows = "".join(
        f"<tr><td><strong>{escape(one.truth.label)}</strong><td data-name=Home>{escape(one.truth.home)}"
        f"<td class=moment data-name=Began>{words.moment(one.truth.begins_at)}<td data-name=Verdict>{_tag(one)}"
        f'<td class=number data-name="After">{words.span(one.delay)}'
        f'<td class=number data-name="Limit">{words.span(one.truth.within)}</tr>'
        for one in sorted(judged.truths, key=lambda one: (one.verdict is Verdict.IN_TIME, one.truth.begins_at))
    )
    head = "<tr><th>What<th>Home<th>Began<th>Verdict<th class=number>After<th class=number>Limit</tr>"
    said = (
        "Everything that should have been alerted, first what was not alerted in time; and what should not have been."
    )
    happened = _folded(f"Show all {len(judged.truths):,} that happened", head, rows)
    return "One by one", said, happened + _false_list(judged)


def _false_list(judged: Judgement) -> str:
    false = [one for one in judged.alerts if one.verdict is Verdict.FALSE]
    false.sort(key=lambda one: (one.alert.alert_class is AlertClass.TECHNICAL, one.alert.raised_at))
    rows = "".join(
        f"<tr><td><strong>{escape(words.kind(one.alert.kind))}</strong><td data-name=Home>{escape(one.alert.home)}"
        f"<td class=moment data-name=Raised>{words.moment(one.alert.raised_at)}"
        f'<td data-name="It was">{_why_false(one)}</tr>'
        for one in false[:_MOST_LISTED]
    )
    head = "<tr><th>Alert<th>Home<th>Raised<th>It was</tr>"
    shown = (
        f"Show {len(false):,} false" if len(false) <= _MOST_LISTED else f"Show {_MOST_LISTED} of {len(false):,} false"
    )
    return _folded(shown, head, rows) if false else ""


def _why_false(one: JudgedAlert) -> str:
    if one.took_technical_for_human:
        return "a fault of a device, taken for a person"
    if one.violated is not None:
        return f"to stay quiet: {escape(one.violated.reason)}"
    return "about a device" if one.alert.alert_class is AlertClass.TECHNICAL else "about nothing that happened"


def _folded(summary: str, head: str, rows: str) -> str:
    table = f'<table class="stacked"><thead>{head}</thead><tbody>{rows}</tbody></table>'
    return f"<details><summary>{summary}</summary>{table}</details>"


def _tag(one: JudgedTruth) -> str:
    style = "met" if one.verdict is Verdict.IN_TIME else "unmet"
    by = f" as {escape(words.kind(one.by.kind))}" if one.by else ""
    return f'<span class="tag {style}">{one.verdict or "missed"}{by}</span>'
