"""An evaluation as a terminal shows it."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from models.evaluation import goals
from models.evaluation.goals import span
from models.evaluation.measuring import Evaluation
from models.evaluation.scoring import Rates


def show(console: Console, found: Evaluation) -> None:
    """Print the tables and the sentence."""
    console.print(_lines(found), _false(found.rates))
    console.print(goals.sentence(found), highlight=False, soft_wrap=True)


def _lines(found: Evaluation) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("put in", ratio=3)
    for name in ("recall", "chance", "delay", "in time"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("reached", ratio=4)
    for line, one, wanted in goals.rows(found):
        missed = [ask.text for ask in wanted if not ask.is_met]
        table.add_row(
            line.title,
            f"{one.recall:.2f} ({one.found}/{one.count})",
            f"{one.chance:.2f}",
            goals.delay(line, one),
            f"{one.within:.2f} in {span(line.within_s)}",
            f"[red]no:[/] {'; '.join(missed)}" if missed else "[green]yes[/]",
        )
    return table


def _false(rates: Rates) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in ("false alerts of untouched homes", "class", "a home-week"):
        table.add_column(name)
    table.columns[-1].justify = "right"
    for (cls, kind), rate in rates.kinds_a_week.items():
        table.add_row(kind.replace("_", " "), cls, f"{rate:.3f}")
    table.add_row("all person kinds, within 6 h once", "person", f"{rates.person_a_week:.3f}")
    return table
