"""How often the program has ended itself because no radio heard anything: on disk, for it outlives each such end."""

import logging
from pathlib import Path
from typing import Final

_LOGGER = logging.getLogger(__name__)
_FILE: Final = "radio-given-up"
_LONGEST: Final = 6  # digits that are believed: a damaged file must not become a pause of years


class Surrenders:
    """A count in a file of its own: small enough that it is written whole or not at all.

    A disk that takes nothing costs the count, not the gateway: it then ends itself again as quickly as the first time.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE
        self.count = self._read()

    def add(self) -> None:
        """Count one more, before the program ends."""
        self._write(self.count + 1)
        _LOGGER.error("no radio hears anything; the program ends itself for the %d. time in a row", self.count)

    def forget(self) -> None:
        """Begin anew: a radio hears. Harmless when there is nothing to forget."""
        if self.count:
            self._write(0)

    def _read(self) -> int:
        try:
            text = self._path.read_text(encoding="ascii")
        except (OSError, ValueError):
            return 0
        return int(text) if text.isdecimal() and len(text) <= _LONGEST else 0

    def _write(self, count: int) -> None:
        self.count = count
        try:
            self._path.write_text(str(count), encoding="ascii")
        except OSError as fault:
            _LOGGER.warning("how often the radio was given up cannot be kept: %s", fault.strerror)
