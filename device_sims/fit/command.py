"""`livsrytme sim fit`."""

from pathlib import Path

import click
from rich.console import Console

from device_sims.at_terminal import in_words
from device_sims.fit.comparison import compare, table_of


@click.command("fit")
@click.option(
    "--tihm",
    "path",
    default="../shared/data/tihm",
    show_default=True,
    type=click.Path(path_type=Path),
    help="TIHM folder, or its activity file.",
)
@click.option("--homes", type=click.IntRange(1, 1_000), default=48, show_default=True, help="Simulated homes.")
@click.option("--days", type=click.IntRange(7, 366), default=31, show_default=True, help="Days each of them lives.")
@click.option("--seed", default="fit", show_default=True, help="The same seed gives the same homes.")
def fit_command(path: Path, homes: int, days: int, seed: str) -> None:
    """Compare the rhythm of simulated homes with that of real ones."""
    with in_words():
        comparisons = compare(path, homes, days, seed)
    Console().print(table_of(comparisons))
    unlike = [one.name for one in comparisons if not one.is_like]
    if unlike:
        raise click.ClickException(f"The simulated homes are unlike the real ones in: {', '.join(unlike)}.")
