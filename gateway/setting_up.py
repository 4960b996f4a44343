"""Settings from where they may stand: the command line first, then the environment, then the enrolment."""

import os
from collections.abc import Mapping
from typing import Any, Final

import click
from pydantic import ValidationError

from gateway.contract.codec import first_fault
from gateway.enrolment import with_enrolment
from gateway.errors import GatewayError
from gateway.settings import GatewaySettings

_PREFIX: Final = "LIVSRYTME_GATEWAY_"


def settings_from(options: Mapping[str, Any]) -> GatewaySettings:
    """Return the settings that follow from command-line options; None: not given there.

    Raises:
        click.ClickException: something is missing or cannot be used; the text says what.
    """
    given = {name: value for name, value in options.items() if value is not None}
    environment = {name.removeprefix(_PREFIX).lower() for name in os.environ if name.startswith(_PREFIX)}
    if "data" not in given and "data" in environment:
        given["data"] = os.environ[f"{_PREFIX}DATA"]
    try:
        return GatewaySettings(**with_enrolment(given, environment))
    except GatewayError as error:
        raise click.ClickException(str(error)) from None
    except ValidationError as error:
        if any(fault["loc"] == ("id",) and fault["type"] == "missing" for fault in error.errors()):
            where = f" in {given['data']}" if "data" in given else ""
            raise click.ClickException(
                f"This gateway was never enrolled{where}. Enrol it: sudo livsrytme gateway enrol CODE --server "
                "https://NAME. Or name it and its broker: --id and --broker."
            ) from None
        raise click.ClickException(f"The gateway is not set up: {first_fault(error)}. See --help.") from None
