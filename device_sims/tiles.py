"""A real home that is played again: nobody knows its plan, so the places its sensors tell of are tiles side by side."""

import math
from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final

from device_sims.sensors.sensor import Form

# Metres.
_WIDE: Final = 3.6
_DEEP: Final = 2.8


def tiles_as_json(places: Iterable[tuple[str, Form]]) -> dict[str, Any]:
    """Return such a home as the server has it drawn: a tile for each place, by name, with its sensors in a row."""
    rooms = [
        (room, [form for _, form in those]) for room, those in groupby(sorted(set(places)), key=lambda one: one[0])
    ]
    columns = math.ceil(math.sqrt(len(rooms)))
    drawn: list[dict[str, Any]] = []
    sensors: list[dict[str, Any]] = []
    for number, (room, forms) in enumerate(rooms):
        left, bottom = number % columns * _WIDE, -(number // columns) * _DEEP
        drawn.append({"name": room, "left": left, "bottom": bottom, "width": _WIDE, "depth": _DEEP})
        sensors += [
            {
                "name": f"{room}_{form}",
                "x": round(left + _WIDE * nth / (len(forms) + 1), 2),
                "y": bottom + _DEEP / 2,
                "room": room,
                "kinds": [form.value],
            }
            for nth, form in enumerate(forms, start=1)
        ]
    return {"is_recording": True, "rooms": drawn, "sensors": sensors}
