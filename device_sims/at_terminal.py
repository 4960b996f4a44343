"""What the commands share: faults told in a sentence, what an option may be, and folders that go away again."""

import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import click
from typing_extensions import override

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
    except OSError as error:
        if error.filename is None:  # no fault of a file that was asked for
            raise
        raise click.ClickException(f"{error.filename} cannot be used: {error.strerror}") from None


class Address(click.ParamType[str]):
    """Where a broker or a server is: one of these schemes, and a host."""

    name = "address"

    def __init__(self, *schemes: str) -> None:
        self._schemes = schemes

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        expected = " or ".join(f"{scheme}://host:port" for scheme in self._schemes)
        try:
            parts = urlsplit(value)
            is_one = parts.scheme in self._schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port that is no number, a bracket that is not closed
            is_one = False
        if not is_one:
            self.fail(f"{expected} was expected", param, ctx)
        return str(value)


class NewFile(click.Path):
    """A file to write when the work is done: that its folder is there is seen before."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False, writable=True)

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(str(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            self.fail(f"there is no folder {path.parent} to write it in", param, ctx)
        return path


class Positive(click.FloatRange):
    """A number above 0, and not endless."""

    def __init__(self, most: float | None = None) -> None:
        super().__init__(min=0, min_open=True, max=most)

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):  # NaN lies in every range
            self.fail("a number was expected", param, ctx)
        return number


@contextmanager
def folders(data: Path | None) -> Iterator[tuple[Path, Path]]:
    """Give a folder for everything (the one asked for, or one that goes away) and a short one for the sockets."""
    with tempfile.TemporaryDirectory(prefix="livsrytme-") as sockets:
        if data is not None:
            yield data.absolute(), Path(sockets)
            return
        with tempfile.TemporaryDirectory(prefix="livsrytme-data-", ignore_cleanup_errors=True) as folder:
            yield Path(folder), Path(sockets)
