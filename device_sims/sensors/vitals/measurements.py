"""What devices that measure a body say, written from the specifications and never from a decoder.

Source: Bluetooth SIG, GATT Specification Supplement: Blood Pressure Measurement (2A35), Heart Rate Measurement (2A37),
Weight Measurement (2A9D), Temperature Measurement (2A1C), PLX Spot-Check and Continuous Measurement (2A5E, 2A5F),
Glucose Measurement and Context (2A18, 2A34). A moment is by the device's own clock, in its local time; None leaves a
field out, save where it says "not a number".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from device_sims.sensors.vitals.medfloat import date_time, float32, sfloat

_STEPS_PER_KG: Final = 200  # 5 g each
_FAILED_WEIGHT: Final = 0xFFFF
_BEATS_IN_A_BYTE: Final = 0xFF
_TICKS_PER_S: Final = 1_024
_GRAMS_PER_MOLE: Final = 180.156
_FINGER_CAPILLARY_BLOOD: Final = 0x11  # sample location and type, four bits each


@dataclass(frozen=True, slots=True)
class BloodPressure:
    """One measurement in mmHg; pressures of None are not a number: the cuff found none."""

    systolic: float | None
    diastolic: float | None
    mean: float | None = None
    at: datetime | None = None
    pulse: float | None = None  # beats a minute
    user: int | None = None
    status: int | None = None  # bit 0 body moved, 1 cuff loose, 2 irregular pulse ...
    decimals: int = 0

    def on_air(self) -> bytes:
        """Return the characteristic's value."""
        pressures = (self.systolic, self.diastolic, self.mean)
        body = b"".join(sfloat(pressure, self.decimals) for pressure in pressures)
        return _flagged(
            body,
            (1, None if self.at is None else date_time(self.at)),
            (2, None if self.pulse is None else sfloat(self.pulse, self.decimals)),
            (3, None if self.user is None else bytes([self.user])),
            (4, None if self.status is None else self.status.to_bytes(2, "little")),
        )


def heart_rate(beats: int, intervals_s: Sequence[float] = (), *, has_contact: bool | None = None) -> bytes:
    """Return a heart rate in beats a minute, with the times between beats. `has_contact` None: the belt cannot tell."""
    is_wide = beats > _BEATS_IN_A_BYTE
    contact = 0 if has_contact is None else 0b110 if has_contact else 0b100
    flags = is_wide | contact | (bool(intervals_s) << 4)
    ticks = b"".join(round(interval * _TICKS_PER_S).to_bytes(2, "little") for interval in intervals_s)
    return bytes([flags]) + beats.to_bytes(1 + is_wide, "little") + ticks


def weight(kg: float | None, at: datetime | None = None, user: int | None = None) -> bytes:
    """Return a weight; None: the measurement failed."""
    steps = _FAILED_WEIGHT if kg is None else round(kg * _STEPS_PER_KG)
    return _flagged(
        steps.to_bytes(2, "little"),
        (1, None if at is None else date_time(at)),
        (2, None if user is None else bytes([user])),
    )


def body_temperature(celsius: float | None, at: datetime | None = None, place: int | None = None) -> bytes:
    """Return a temperature to a tenth of a degree; None: not a number. `place` is its type: 2 body, 3 ear, 6 mouth."""
    return _flagged(
        float32(celsius, 1),
        (1, None if at is None else date_time(at)),
        (2, None if place is None else bytes([place])),
    )


def saturation(percent: float | None, pulse: float | None, at: datetime | None = None) -> bytes:
    """Return a finished measurement of oxygen saturation and pulse; None: not a number."""
    return _flagged(sfloat(percent) + sfloat(pulse), (0, None if at is None else date_time(at)))


def saturation_now(percent: float | None, pulse: float | None) -> bytes:
    """Return one of a row of measurements of oxygen saturation and pulse; None: not a number."""
    return _flagged(sfloat(percent) + sfloat(pulse))


@dataclass(frozen=True, slots=True)
class Glucose:
    """One measurement of blood sugar. `meal`: 1 before, 2 after, 3 fasting, 4 casual, 5 bedtime; None: nobody told."""

    sequence: int
    mmol_per_l: float | None  # None: no result
    at: datetime
    offset_min: int | None = None  # what the person has set the clock forward since
    in_kg_per_l: bool = False  # as meters that show mg/dL say it
    status: int | None = None
    meal: int | None = None

    def on_air(self) -> bytes:
        """Return the measurement's value."""
        head = self.sequence.to_bytes(2, "little") + date_time(self.at)
        offset = None if self.offset_min is None else self.offset_min.to_bytes(2, "little", signed=True)
        status = None if self.status is None else self.status.to_bytes(2, "little")
        data = _flagged(head, (0, offset), (1, self._concentration()), (3, status))
        unit = 0 if self.in_kg_per_l or self.mmol_per_l is None else 1 << 2
        return bytes([data[0] | unit | (self.meal is not None) << 4]) + data[1:]

    def context(self) -> bytes | None:
        """Return the value of the context that follows it; None: none does."""
        if self.meal is None:
            return None
        return b"\x02" + self.sequence.to_bytes(2, "little") + bytes([self.meal])

    def _concentration(self) -> bytes | None:
        if self.mmol_per_l is None:
            return None
        sample = bytes([_FINGER_CAPILLARY_BLOOD])
        if self.in_kg_per_l:
            return sfloat(self.mmol_per_l * _GRAMS_PER_MOLE / 1_000_000, 5) + sample
        return sfloat(self.mmol_per_l / 1_000, 4) + sample


def _flagged(body: bytes, *fields: tuple[int, bytes | None]) -> bytes:
    """Put the flags in front, one bit for each field that is there; fields stand in the order they are given in."""
    flags = sum(1 << bit for bit, field in fields if field is not None)
    return bytes([flags]) + body + b"".join(field for _, field in fields if field is not None)
