"""Learned parameters on disk: small, checked, never a pickle."""

import io
import pickle
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.live import Routine
from models.store import RoutineUnreadableError, from_bytes, to_bytes

lines = st.lists(st.integers(0, 50_000), min_size=96, max_size=96).map(lambda line: np.array(line, dtype=float))


def packed(**different: object) -> bytes:
    """Return stored bytes with something different about them; None leaves a part out."""
    parts: dict[str, object] = {"features": 1, "days": 9, "line_s": np.ones(96), "usual_s": np.ones(96), **different}
    buffer = io.BytesIO()
    np.savez(buffer, **{name: np.asarray(part) for name, part in parts.items() if part is not None})
    return buffer.getvalue()


@settings(max_examples=30)
@given(line=lines, usual=lines, days=st.integers(0, 10_000))
def test_a_routine_is_read_back_as_it_was_stored(line: np.ndarray, usual: np.ndarray, days: int) -> None:
    stored = to_bytes(Routine(line, usual, days))

    routine = from_bytes(stored)

    assert np.array_equal(routine.line_s, line)
    assert np.array_equal(routine.usual_s, usual)
    assert routine.days == days
    assert len(stored) <= 64 * 1024


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        (b"", "damaged"),
        (b"not an archive", "damaged"),
        (pickle.dumps({"line_s": [1]}), "damaged"),
        (packed()[:-40], "damaged"),
        (packed(line_s=None), "damaged"),
        (packed(features=None), "damaged"),
        (packed(line_s=np.array([{"a": 1}], dtype=object)), "damaged"),
        (packed(features=2), "version 2"),
        (packed(features=np.ones(3)), "damaged"),
        (packed(days=np.ones(3)), "damaged"),
        (packed(line_s=np.full(96, "long")), "damaged"),
        (packed(line_s=np.ones(95)), "quarter-hour"),
        (packed(line_s=np.ones((96, 1))), "quarter-hour"),
        (packed(line_s=np.full(96, np.nan)), "quarter-hour"),
        (packed(usual_s=np.full(96, np.inf)), "quarter-hour"),
        (packed(line_s=np.full(96, -1.0)), "quarter-hour"),
        (packed(line_s=np.ones(10_000)), "larger than"),
    ],
)  # fmt: skip
def test_what_cannot_be_trusted_is_refused_with_the_reason(stored: bytes, why: str) -> None:
    with pytest.raises(RoutineUnreadableError, match=why):
        from_bytes(stored)


@settings(max_examples=200)
@given(place=st.integers(0, 5000), byte=st.integers(0, 255))
def test_a_byte_gone_wrong_is_refused_or_harmless(place: int, byte: int) -> None:
    stored = bytearray(to_bytes(Routine.unlearned()))
    stored[place % len(stored)] = byte

    with suppress(RoutineUnreadableError):
        assert from_bytes(bytes(stored)).line_s.shape == (96,)
