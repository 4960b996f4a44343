"""How fast a world passes, as an option of a command."""

import click
from typing_extensions import override


class Speed(click.ParamType[float | None]):
    """World seconds in a real second: a number above 0, or `max` (None)."""

    name = "SPEED"

    @override
    def convert(
        self, value: str | float | None, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | None:
        if value == "max" or value is None:
            return None
        try:
            speed = float(value)
        except ValueError:
            speed = 0.0
        if not 0 < speed < float("inf"):
            self.fail(f"{value!r} is no speed: give a number above 0 such as 600, or max", param, ctx)
        return speed
