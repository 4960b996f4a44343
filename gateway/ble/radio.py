"""The ear itself: the machine's own Bluetooth adapter, or another radio that is installed beside the gateway."""

from importlib.metadata import EntryPoint, entry_points
from typing import Protocol, runtime_checkable

from bleak.args.bluez import BlueZScannerArgs
from bleak.backends.scanner import BaseBleakScanner

from gateway.ble.adapter import Adapter, NoAdapter
from gateway.ble.bluez_adapter import BluezAdapter
from gateway.contract.clock import Clock, SystemClock
from gateway.errors import GatewayError, UnknownRadioError

_OWN = "bluez"
_INSTALLED = "livsrytme.radios"
# Loaded when it is asked for: what it needs is not on every machine.
_PROXY = EntryPoint("esphome", "gateway.ble.esphome:EsphomeRadio", _INSTALLED)


class RadioLostError(GatewayError):
    """A radio hears nothing and nothing has helped: only a new start of the program may."""


class Radio(Protocol):
    """Something that hears advertisements, and the clock of the world it hears them in."""

    name: str
    clock: Clock
    scanner_backend: type[BaseBleakScanner] | None  # None: the backend of this platform


@runtime_checkable
class LinkedRadio(Protocol):
    """A radio that is reached over a connection, and knows itself when that is lost."""

    adapter_link: Adapter


class BluezRadio:
    """A Bluetooth adapter of this machine, through BlueZ."""

    scanner_backend: type[BaseBleakScanner] | None = None

    def __init__(self, adapter: str = "") -> None:
        self.name = f"{_OWN}:{adapter}" if adapter else _OWN
        self.clock: Clock = SystemClock()
        self.adapter = adapter


def open_radios(specs: str) -> tuple[Radio, ...]:
    """Return the radios of a list such as `bluez:hci0,bluez:hci1`, at least one.

    Raises:
        UnknownRadioError: one of them is not installed, or is named twice.
    """
    names = [spec.strip() for spec in specs.split(",")]
    if len(set(names)) < len(names):
        raise UnknownRadioError("The same radio is named twice. Write each once, with commas between.")
    return tuple(open_radio(name) for name in names)


def open_radio(spec: str) -> Radio:
    """Return the radio described as `name` or `name:address`.

    Raises:
        UnknownRadioError: no radio of that name is installed, or not at that address.
    """
    name, _, address = spec.partition(":")
    if name == _OWN:
        return BluezRadio(address)
    installed = (_PROXY, *entry_points(group=_INSTALLED))
    for point in installed:
        if point.name == name:
            return _open_installed(point, address)
    known = ", ".join(sorted({_OWN, *(point.name for point in installed)}))
    raise UnknownRadioError(f"There is no radio called {name!r}. This machine knows: {known}.")


def _open_installed(point: EntryPoint, address: str) -> Radio:
    try:
        radio: Radio = point.load()(address)
    except ModuleNotFoundError as missing:
        raise UnknownRadioError(
            f"The radio {point.name!r} needs the package {missing.name}. Install it with: pip install {missing.name}"
        ) from None
    except ValueError as fault:
        raise UnknownRadioError(f"The radio {point.name!r} cannot be opened: {fault}") from None
    return radio


def bluez_arguments(radio: Radio) -> BlueZScannerArgs:
    """Return what BlueZ has to be told about the radio: which adapter, when one was named."""
    return {"adapter": radio.adapter} if isinstance(radio, BluezRadio) and radio.adapter else {}


def adapter_of(radio: Radio) -> Adapter:
    """Return the adapter behind a radio, to be watched and switched."""
    if isinstance(radio, BluezRadio):
        return BluezAdapter(radio.adapter)
    return radio.adapter_link if isinstance(radio, LinkedRadio) else NoAdapter()
