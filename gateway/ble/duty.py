"""Whether BlueZ's own configuration lets a passive scan listen all of the time; pure."""

from configparser import ConfigParser, Error
from typing import Final

# Source: bluez/src/main.conf.
_KEYS: Final = ("ScanIntervalAdvMonitor", "ScanWindowAdvMonitor")


def what_is_amiss(main_conf: str) -> str | None:
    """Return in words what is wrong with the text of BlueZ's main.conf for a gateway; None where nothing is."""
    conf = ConfigParser(strict=False, interpolation=None, allow_no_value=True)
    conf.optionxform = str  # type: ignore[assignment,method-assign] # BlueZ tells capitals apart
    try:
        conf.read_string(main_conf)
    except Error:
        return "it cannot be read"
    if conf.get("General", "Experimental", fallback="false") != "true":
        return "passive listening is not switched on, so that the sensors' batteries pay for every question"
    interval, window = (conf.get("LE", key, fallback=None) for key in _KEYS)
    if interval is None or interval != window:
        return "it listens only part of the time, and misses more than one call for help in five"
    return None
