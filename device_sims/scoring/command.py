"""`livsrytme sim score`."""

import asyncio
import json
from pathlib import Path

import click
from rich.console import Console

from device_sims.at_terminal import Address, NewFile, in_words
from device_sims.provisioning import PASSWORD, TESTER
from device_sims.scoring.alerts import Alert, alerts_of, read_alerts, refuse_another_run, refuse_unknown_homes
from device_sims.scoring.as_json import as_json
from device_sims.scoring.figures import figures
from device_sims.scoring.matching import judge
from device_sims.scoring.page import page
from device_sims.scoring.terminal import show
from device_sims.scoring.truth import Truth, read_truth
from device_sims.server_link import ServerLink

_File = click.Path(path_type=Path)


@click.command("score")
@click.option("--truth", "truth_file", type=_File, required=True, help="What really happened (JSON lines).")
@click.option("--alerts", "alerts_file", type=_File, help="What was alerted: JSON lines, or the API's answer.")
@click.option("--server", type=Address("http", "https"), help="A server to ask instead: http://host:port.")
@click.option("--username", default=TESTER, show_default=True, help="Who may look there.")
@click.option("--password", default=PASSWORD, envvar="LIVSRYTME_SIM_PASSWORD", help="Theirs; better by environment.")
@click.option("--json", "json_file", type=NewFile(), help="Write every figure and verdict here.")
@click.option("--html", "html_file", type=NewFile(), help="Write a page to look at here.")
@click.option("--title", default="Alerts against the truth", show_default=True, help="Heading of the page.")
def score_command(  # noqa: PLR0913 - one for each option
    *,
    truth_file: Path,
    alerts_file: Path | None,
    server: str | None,
    username: str,
    password: str,
    json_file: Path | None,
    html_file: Path | None,
    title: str,
) -> None:
    """Compare what was alerted with what really happened."""
    if (alerts_file is None) == (server is None):
        raise click.UsageError("give either --alerts FILE or --server URL: where the alerts are")
    with in_words():
        truth = read_truth(truth_file)
        if alerts_file is not None:
            alerts = read_alerts(alerts_file)
        else:
            alerts = asyncio.run(_asked(ServerLink(server or "", username, password), truth))
        refuse_another_run(truth, alerts)
        judged = judge(truth, alerts)
        found = figures(truth, judged)
        show(Console(), found)
        if json_file is not None:
            json_file.write_text(json.dumps(as_json(found, judged), indent=1) + "\n", encoding="utf-8")
        if html_file is not None:
            html_file.write_text(page(title, truth, judged, found), encoding="utf-8")


async def _asked(link: ServerLink, truth: Truth) -> list[Alert]:
    async with link:
        await refuse_unknown_homes(link, truth)
        return await alerts_of(link)
