"""The commands of the gateway."""

import asyncio
import logging
import sqlite3
import sys

import click

from gateway import app
from gateway.ble.radio import RadioLostError, open_radios
from gateway.decode_command import decode
from gateway.errors import GatewayError
from gateway.scan_command import scan
from gateway.setting_up import settings_from
from gateway.upkeep_commands import enrol, selftest, status

# Told apart from every other failure: systemd starts the program again. Source: sysexits.h, EX_TEMPFAIL.
_RADIO_LOST = 75

_LOGGER = logging.getLogger(__name__)


@click.group()
def gateway() -> None:
    """The program in a home: hears its sensors and hands every fact to the server."""


gateway.add_command(decode)
gateway.add_command(scan)
gateway.add_command(enrol)
gateway.add_command(status)
gateway.add_command(selftest)


@gateway.command()
@click.option("--id", "gateway_id", help="This gateway's name at the server.  [LIVSRYTME_GATEWAY_ID]")
@click.option("--broker", help="The message broker, mqtt://host:port.  [LIVSRYTME_GATEWAY_BROKER]")
@click.option("--data", help="Folder for what must outlive a restart.  [LIVSRYTME_GATEWAY_DATA]")
@click.option(
    "--radio",
    multiple=True,
    help="bluez, bluez:hci1, virtual:ADDRESS; several with commas, or again.  [LIVSRYTME_GATEWAY_RADIO]",
)
def run(gateway_id: str | None, radio: tuple[str, ...], **options: str | None) -> None:
    """Listen, and send, until told to stop."""
    _log_to_stderr()
    settings = settings_from({"id": gateway_id, "radio": ",".join(radio) if radio else None, **options})
    try:
        asyncio.run(app.run(settings, *open_radios(settings.radio)))
    except RadioLostError as error:
        _LOGGER.critical("%s", error)
        sys.exit(_RADIO_LOST)
    except GatewayError as error:
        raise click.ClickException(str(error)) from None
    except (OSError, sqlite3.Error) as error:
        raise click.ClickException(f"The folder {settings.data} cannot be used: {error}.") from None


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
