"""An evaluation as one HTML page that needs nothing else: no script, no font, no picture from elsewhere. Pure."""

from html import escape
from importlib.resources import files

from models.evaluation import charts, goals
from models.evaluation.goals import Asked
from models.evaluation.measuring import Evaluation
from models.evaluation.protocol import Line
from models.evaluation.scoring import Recall


def page(title: str, found: Evaluation) -> str:
    """Return the whole page."""
    style = files("models.evaluation").joinpath("page.css").read_text(encoding="utf-8")
    parts = (_head(title, found), _table(found), _curves(found), _false(found), _rules())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width, initial-scale=1"><title>{escape(title)}</title><style>{style}</style></head>'
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def _head(title: str, found: Evaluation) -> str:
    return f'<header><h1>{escape(title)}</h1><p class="lead">{escape(goals.sentence(found))}</p></header>'


def _table(found: Evaluation) -> str:
    head = (
        "<tr><th>Put in<th class=number>Recall<th class=number>By chance<th class=number>Delay"
        "<th class=number>Best baseline<th>Asked</tr>"
    )
    body = "".join(_row(line, one, wanted) for line, one, wanted in goals.rows(found))
    table = f'<table class="stacked"><thead>{head}</thead><tbody>{body}</tbody></table>'
    return _card("What was put in, and what was found", table)


def _row(line: Line, one: Recall, wanted: list[Asked]) -> str:
    low, high = one.interval
    asks = "".join(
        f'<li class="{"met" if ask.is_met else "unmet"}">{"✓" if ask.is_met else "✗"} {escape(ask.text)}'
        for ask in wanted
    )
    cells = (
        ("Recall", f'<div>{one.recall:.2f}<p class="subtle small">{low:.2f} to {high:.2f}</p></div>'),
        ("By chance", f"{one.chance:.2f}"),
        ("Delay", goals.delay(line, one)),
        ("Best baseline", escape(line.baseline) or "–"),
    )
    return (
        f'<tr><td><div><strong>{escape(line.title)}</strong><p class="subtle small">{one.count} copies, '
        f"alerts of class {line.cls}</p></div>"
        + "".join(f'<td class=number data-name="{name}">{text}' for name, text in cells)
        + f'<td><ul class="asks">{asks}</ul></tr>'
    )


def _curves(found: Evaluation) -> str:
    drawn = "".join(
        f"<figure><figcaption>{escape(line.title)}</figcaption>{charts.recall_by_delay(line, found.of(line))}</figure>"
        for line, *_ in goals.rows(found)
    )
    note = (
        '<p class="subtle">Upwards the share found, from none to all; to the right the time since it began. Solid: '
        "the copies. Dotted: the same window of the untouched traces. Dashed: recall and median delay asked for.</p>"
    )
    return _card("How soon", f'{note}<div class="curves">{drawn}</div>')


def _false(found: Evaluation) -> str:
    rates = found.rates
    most = max(rates.person_a_week, goals.MOST_PERSON_A_WEEK, *rates.kinds_a_week.values(), 0.0)
    bars = [("All person kinds, within 6 h once", rates.person_a_week, "own"),
            ("Allowed", goals.MOST_PERSON_A_WEEK, "other")]  # fmt: skip
    bars += [(f"{kind.replace('_', ' ')} ({cls})", rate, cls) for (cls, kind), rate in rates.kinds_a_week.items()]
    drawn = "".join(
        f'<span class="name">{escape(name)}</span><span class="figure">{rate:.2f}</span>{charts.bar(rate, most, style)}'
        for name, rate, style in bars
    )
    return _card("Disturbed for nothing, a home-week", f'<div class="bars">{drawn}</div>')


def _rules() -> str:
    return _card(
        "How it was measured",
        "<p>Real traces; one thing was put into each copy at an ordinary time after the first weeks, and only alerts "
        "raised inside its window count. Untouched copies give the false alerts: they hold real illness, so the count "
        "is an upper bound. Every home was judged by models whose population figures came from other homes, without a "
        "look into its future.</p>",
    )


def _card(heading: str, inside: str) -> str:
    return f'<section class="card"><h2>{heading}</h2>{inside}</section>'
