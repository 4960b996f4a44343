"""A score as a terminal shows it."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from device_sims.scoring import words
from device_sims.scoring.figures import Figures


def show(console: Console, found: Figures) -> None:
    """Print the tables and the sentences."""
    console.print(_happened(found), _false(found))
    sentences = (
        words.recall_sentence(found.by_kind), words.false_sentence(found), words.guard_sentence(found),
        words.rest_sentence(found),
    )  # fmt: skip
    for sentence in filter(None, sentences):
        console.print(sentence, highlight=False, soft_wrap=True)


def _happened(found: Figures) -> Table:
    table = Table("what happened", "in time", "recall", "p50", "p90", "longest", "else", box=SIMPLE_HEAD)
    table.title = f"Score of {found.homes:,} homes, {found.home_weeks:,.1f} home-weeks"
    for column in table.columns[1:-1]:
        column.justify = "right"
        column.no_wrap = True
    for one in found.by_kind:
        table.add_row(
            one.label,
            f"{one.in_time}/{one.expected}",
            f"{one.recall:.2f}",
            *(words.span(delay) for delay in (one.delay_p50, one.delay_p90, one.delay_max)),
            words.otherwise(one),
        )
    return table


def _false(found: Figures) -> Table:
    table = Table("false alerts", "count", "a home-week", "95 % interval", box=SIMPLE_HEAD)
    for column in table.columns[1:]:
        column.justify = "right"
    rows = [(words.kind(kind), one) for kind, one in found.false_by_kind]
    rows += [
        ("about people, all", found.false_all),
        ("the same, within 6 h counted once", found.false_merged),
        ("technical", found.false_technical),
    ]
    for name, one in rows:
        table.add_row(name, str(one.count), f"{one.rate:.2f}", f"{one.low:.2f} to {one.high:.2f}")
    return table
