"""Learned parameters on disk: small, checked, never a pickle."""

import io
import json
import pickle
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract.observation import SensorKind
from models.routine import CONCERNS, Limit, Routine
from models.stays.routine import DEFAULT_RATES, StayRoutine
from models.stays.vitals import Baseline
from models.store import FEATURES, Learned, RoutineUnreadableError, from_bytes, of_many_homes, to_bytes

SHAPES = [(concern, name, table.shape) for concern, of in of_many_homes().tables.items() for name, table in of.items()]
halves = st.floats(-60_000, 60_000, width=16)


@st.composite
def routines(draw: st.DrawFn) -> Routine:
    """Return a routine of any numbers in half precision."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    tables: dict[str, dict[str, Any]] = {concern.name: {} for concern in CONCERNS}
    for concern, name, shape in SHAPES:
        tables[concern][name] = rng.normal(0, 100, shape).astype(np.float16).astype(np.float32)
    names = st.sampled_from([concern.name for concern in CONCERNS])
    limits = st.builds(Limit, halves, halves | st.just(float("inf")))
    return Routine(
        draw(st.integers(0, 28)), tables, draw(st.dictionaries(names, limits)), draw(st.frozensets(names))
    )  # fmt: skip


def same(one: Routine, other: Routine) -> bool:
    def all_but_tables(routine: Routine) -> object:
        return routine.days, routine.limits, routine.unheard, {name: set(of) for name, of in routine.tables.items()}

    return all_but_tables(one) == all_but_tables(other) and all(
        np.array_equal(one.tables[concern][name], other.tables[concern][name]) for concern, name, _ in SHAPES
    )


@settings(max_examples=25)
@given(routine=routines())
def test_a_routine_is_read_back_as_it_was_stored(routine: Routine) -> None:
    stored = to_bytes(routine)
    assert same(from_bytes(stored).routine, routine)
    assert len(stored) <= 64 * 1024


def test_stays_are_read_back_with_the_rates_they_may_be_told_at() -> None:
    stays = StayRoutine(days=9, cold_c={"lounge": 17.0}, vitals={SensorKind.HEART_RATE: Baseline(70.0, 5.0, 30, 7.0)})
    rates = {kind: rate / 2 for kind, rate in DEFAULT_RATES.items()}
    assert from_bytes(to_bytes(of_many_homes(), stays, rates)).stays == stays.limits(rates)


def test_of_nobody_is_what_comes_with_this_version() -> None:
    assert Learned.of_nobody().routine is of_many_homes()
    assert Learned.of_nobody().stays == StayRoutine.default().limits()
    assert same(from_bytes(to_bytes(of_many_homes())).routine, of_many_homes())


def test_it_is_read_in_a_blink() -> None:
    stored, took = to_bytes(of_many_homes()), []
    for _ in range(20):
        began = time.process_time()
        from_bytes(stored)
        took.append(time.process_time() - began)
    assert min(took) < 0.01  # a tenth of it on an idle machine: see bench/bench_models.py


def packed(change: Callable[[dict[str, Any]], object] = lambda _: None, **different: object) -> bytes:
    """Return stored bytes with something different about their header or parts; None leaves a part out."""
    with np.load(io.BytesIO(to_bytes(of_many_homes()))) as file:
        header, numbers = json.loads(file["header"].tobytes()), file["numbers"]
    change(header)
    parts = {"header": np.frombuffer(json.dumps(header).encode(), np.uint8), "numbers": numbers, **different}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{name: part for name, part in parts.items() if part is not None})  # type: ignore[arg-type]
    return buffer.getvalue()


def total() -> int:
    return sum(int(np.prod(shape)) for *_, shape in SHAPES)


def renamed(header: dict[str, Any]) -> None:
    header["tables"][0][1] = "another"


def reshaped(header: dict[str, Any]) -> None:
    header["tables"][0][2] = [1, *header["tables"][0][2]]


def of_another_concern(header: dict[str, Any]) -> None:
    header["tables"][0][0] = "happiness"


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        (b"", "damaged"),
        (b"not an archive", "damaged"),
        (pickle.dumps({"numbers": [1]}), "damaged"),
        (packed()[:-40], "damaged"),
        (packed(numbers=None), "damaged"),
        (packed(header=None), "damaged"),
        (packed(header=np.array([{"a": 1}], dtype=object)), "damaged"),
        (packed(numbers=np.array([{"a": 1}], dtype=object)), "damaged"),
        (packed(header=np.frombuffer(b"[1, 2]", np.uint8)), "damaged"),
        (packed(header=np.frombuffer(b"{", np.uint8)), "damaged"),
        (packed(lambda header: header.update(features=FEATURES - 1)), f"version {FEATURES - 1}.*this is {FEATURES}"),
        (packed(lambda header: header.pop("features")), "version None"),
        (packed(lambda header: header.update(libraries={"numpy": "1"})), "learned with"),
        (packed(numbers=np.full(total(), np.nan, np.float16)), "numbers are none"),
        (packed(numbers=np.full(total(), np.inf, np.float16)), "numbers are none"),
        (packed(renamed), "shapes"),
        (packed(reshaped), "shapes"),
        (packed(of_another_concern), "missing"),
        (packed(lambda header: header["tables"].pop()), "missing"),
        (packed(lambda header: header.update(tables=[]), numbers=np.empty(0, np.float16)), "shapes"),
        (packed(numbers=np.ones(total() - 1, np.float16)), "missing"),
        (packed(numbers=np.ones(total() + 1, np.float16)), "missing"),
        (packed(lambda header: header.update(limits={"inactivity": [1.0]})), "missing"),
        (packed(lambda header: header.update(limits={"inactivity": ["high", "higher"]})), "missing"),
        (packed(lambda header: header.update(limits=[])), "missing"),
        (packed(lambda header: header.update(days="many")), "missing"),
        (packed(lambda header: header.pop("unheard")), "missing"),
        (packed(lambda header: header["stays"].update(version=0)), "missing"),
        (packed(lambda header: header.update(rates={"sorrow": 1.0})), "missing"),
        (packed(more=np.random.default_rng(0).random(20_000)), "larger than 65536"),
    ],
)  # fmt: skip
def test_what_cannot_be_trusted_is_refused_with_the_reason(stored: bytes, why: str) -> None:
    with pytest.raises(RoutineUnreadableError, match=why):
        from_bytes(stored)


@settings(max_examples=200)
@given(place=st.integers(0, 20_000), byte=st.integers(0, 255))
def test_a_byte_gone_wrong_is_refused_or_harmless(place: int, byte: int) -> None:
    stored = bytearray(to_bytes(of_many_homes()))
    stored[place % len(stored)] = byte

    with suppress(RoutineUnreadableError):
        assert same(from_bytes(bytes(stored)).routine, of_many_homes())
