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
        parser: type[XiaomiBluetoothDeviceData] = import_module(f"{_PACKAGE}.parser").XiaomiBluetoothDeviceData
    finally:
        if not is_loaded:
            del sys.modules[_PACKAGE]
    return parser


_PACKAGE = "xiaomi_ble"
PARSER = _parser_class()
