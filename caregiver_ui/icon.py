"""Paints the app's icon: home screens want pixels where pages take the drawing (static/icon.svg)."""

import struct
import zlib
from itertools import pairwise

import numpy as np
import numpy.typing as npt

_GROUND = (0x12, 0x60, 0x6B)
# The line of the drawing, on a field of 32. A mask may cut a fifth away at each edge: it is drawn smaller.
_LINE = ((4, 17), (10, 17), (13, 9), (18, 23), (21, 17), (28, 17))
_FIELD = 32.0
_SHRUNK = 0.72
_HALF_WIDTH = 1.5

_Floats = npt.NDArray[np.float64]


def icon_png(size: int) -> bytes:
    """Return a square PNG of `size` pixels: the white line on the ground's colour, to the very edge."""
    middles = (np.arange(size) + 0.5) * _FIELD / size
    x, y = np.meshgrid(middles, middles)
    points = [tuple(_FIELD / 2 + (value - _FIELD / 2) * _SHRUNK for value in point) for point in _LINE]
    away = np.minimum.reduce([_distance(x, y, one, two) for one, two in pairwise(points)])
    # One pixel's breadth of blend, so that the line has no steps.
    white = np.clip((_HALF_WIDTH * _SHRUNK - away) * size / _FIELD + 0.5, 0, 1)[..., None]
    pixels = (np.array(_GROUND) * (1 - white) + 255 * white).round().astype(np.uint8)
    rows = np.concatenate([np.zeros((size, 1), np.uint8), pixels.reshape(size, -1)], axis=1)
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def _distance(x: _Floats, y: _Floats, one: tuple[float, ...], two: tuple[float, ...]) -> _Floats:
    """Return how far each pixel is from a piece of the line."""
    along = np.array(two) - np.array(one)
    share = np.clip(((x - one[0]) * along[0] + (y - one[1]) * along[1]) / (along @ along), 0, 1)
    away: _Floats = np.hypot(x - one[0] - share * along[0], y - one[1] - share * along[1])
    return away


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
