"""What the commands share: faults told in a sentence, and folders that go away again."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from device_sims.errors import SimulationError
from device_sims.radio.frames import AirAddressError
from device_sims.tihm import TihmError

_EXPECTED: Final = (SimulationError, TihmError, AirAddressError)


@contextmanager
def in_words() -> Iterator[None]:
    """Tell what went wrong in a sentence, not in a stack trace."""
    try:
        yield
    except _EXPECTED as error:
        raise click.ClickException(str(error)) from None
    except PermissionError as error:
        raise click.ClickException(f"{error.filename} cannot be used: {error.strerror}") from None


@contextmanager
def folders(data: Path | None) -> Iterator[tuple[Path, Path]]:
    """Give a folder for everything (the one asked for, or one that goes away) and a short one for the sockets."""
    with tempfile.TemporaryDirectory(prefix="livsrytme-") as sockets:
        if data is not None:
            yield data.absolute(), Path(sockets)
            return
        with tempfile.TemporaryDirectory(prefix="livsrytme-data-", ignore_cleanup_errors=True) as folder:
            yield Path(folder), Path(sockets)
