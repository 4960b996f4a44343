"""A family of sensors: all that speak the same format."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.ble.advertisement import Advertisement
from gateway.sensors.reading import Reading


def _every(_: Advertisement) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Family:
    """One format, in one file, with one line in the registry.

    A packet is looked at when it has data of one of the `services` or `companies`, names an `advertised` service, or
    has a name that begins like one of the `names`; `claims` looks closer. Everything else in the air costs a few
    look-ups and no parser.
    """

    name: str
    decode: Callable[[Advertisement, str | None], Reading]  # second argument: bind key in hex, None when it has none
    services: tuple[int, ...] = ()  # Bluetooth SIG service numbers (16 bits) whose data the family sends
    companies: tuple[int, ...] = ()  # Bluetooth SIG company numbers of its manufacturer data
    advertised: tuple[str, ...] = ()  # 128-bit UUIDs of services that its sensors only name
    names: tuple[str, ...] = ()  # how its local names begin; upper and lower case are the same
    claims: Callable[[Advertisement], bool] = _every
    # The sensor writes its measurement where the company number belongs. BlueZ keeps one entry for each number it has
    # ever heard from a device and hands out all of them: only what has changed since the last time is news.
    has_values_for_company: bool = False


def newest(heard: Mapping[int, bytes], before: Mapping[int, bytes] | None) -> Mapping[int, bytes]:
    """Return what is new in a heap of manufacturer data.

    `before` is the heap of the last time, None when there was none. Empty: nothing is new, or it cannot be told.
    """
    if len(heard) <= 1:
        return heard
    if before is None:
        return {}
    changed = {company: data for company, data in heard.items() if before.get(company) != data}
    return changed if len(changed) == 1 else {}
