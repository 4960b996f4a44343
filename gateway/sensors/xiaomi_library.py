"""The parser of xiaomi-ble without the cloud client that its package also loads.

The package's first file imports a client for Xiaomi's cloud and with it an HTTP library: 12 MB of memory and half a
second on every start of a machine that has little of either, for something a gateway never does.
"""

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xiaomi_ble.parser import XiaomiBluetoothDeviceData


def _parser_class() -> "type[XiaomiBluetoothDeviceData]":
    """Import the parser's own file, its package unexecuted; whoever imports the package later gets it whole."""
    is_loaded = _PACKAGE in sys.modules
    spec = find_spec(_PACKAGE)
    if spec is None:
        raise ModuleNotFoundError("The parser library xiaomi-ble is not installed: pip install 'livsrytme[gateway]'")
    if not is_loaded:
        sys.modules[_PACKAGE] = module_from_spec(spec)
    try:
        library = import_module(f"{_PACKAGE}.parser")
        devices = import_module(f"{_PACKAGE}.devices")
    finally:
        if not is_loaded:
            del sys.modules[_PACKAGE]
    for number, (name, model) in _MORE_PRODUCTS.items():
        devices.DEVICE_TYPES.setdefault(number, devices.DeviceEntry(name=name, model=model))
    for number, like in _MORE_OBJECTS.items():
        library.xiaomi_dataobject_dict.setdefault(number, library.xiaomi_dataobject_dict[like])
    parser: type[XiaomiBluetoothDeviceData] = library.XiaomiBluetoothDeviceData
    return parser


_PACKAGE = "xiaomi_ble"
# What the library could read if it knew the product's numbers. Source: ble_monitor's list of devices.
_MORE_PRODUCTS = {0x20DB: ("Smart Bed", "MJZNZ018H")}
_MORE_OBJECTS = {0x5403: 0x4C03}  # its battery, told as others tell theirs
PARSER = _parser_class()
