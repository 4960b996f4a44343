"""What a Home Assistant calls our sensors, in the language of the home."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from gateway.contract.observation import SensorKind

Language = Literal["en", "nb", "nn"]

_ORDER: Final[tuple[Language, ...]] = ("en", "nb", "nn")  # of the words below

_KINDS: Final[Mapping[SensorKind, tuple[str, str, str]]] = MappingProxyType(
    {
        SensorKind.MOTION: ("Movement", "Bevegelse", "Rørsle"),
        SensorKind.DOOR: ("Door", "Dør", "Dør"),
        SensorKind.BED: ("Bed", "Seng", "Seng"),
        SensorKind.CHAIR: ("Chair", "Stol", "Stol"),
        SensorKind.BUTTON: ("Button", "Knapp", "Knapp"),
        SensorKind.PULL_CORD: ("Pull cord", "Trekksnor", "Trekksnor"),
        SensorKind.FALL: ("Fall", "Fall", "Fall"),
        SensorKind.SMOKE: ("Smoke", "Røyk", "Røyk"),
        SensorKind.WATER_LEAK: ("Water", "Vann", "Vatn"),
        SensorKind.TEMPERATURE: ("Temperature", "Temperatur", "Temperatur"),
        SensorKind.HUMIDITY: ("Humidity", "Luftfuktighet", "Luftfukt"),
        SensorKind.LIGHT: ("Light", "Lys", "Lys"),
        SensorKind.POWER: ("Power", "Strømforbruk", "Straumforbruk"),
    }
)

_ROOMS: Final[Mapping[str, tuple[str, str, str]]] = MappingProxyType(
    {
        "bathroom": ("Bathroom", "Bad", "Bad"),
        "bedroom": ("Bedroom", "Soverom", "Soverom"),
        "kitchen": ("Kitchen", "Kjøkken", "Kjøken"),
        "lounge": ("Living room", "Stue", "Stove"),
        "hallway": ("Hallway", "Gang", "Gang"),
        "front_door": ("Front door", "Inngangsdør", "Inngangsdør"),
        "back_door": ("Back door", "Bakdør", "Bakdør"),
        "fridge": ("Fridge", "Kjøleskap", "Kjøleskap"),
    }
)


def kind_word(kind: SensorKind, language: Language) -> str:
    """Return what a measurement is called; its own name where there is no word."""
    words = _KINDS.get(kind)
    return words[_ORDER.index(language)] if words else _plain(kind)


def room_word(room: str, language: Language) -> str:
    """Return what a room is called; its code, written out, where it is none of the usual ones."""
    words = _ROOMS.get(room)
    return words[_ORDER.index(language)] if words else _plain(room)


def _plain(code: str) -> str:
    return code.replace("_", " ").capitalize()
