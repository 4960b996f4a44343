"""Files of events: both forms, both clock changes, and errors that say which line."""

import gzip
from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.contract.observation import SensorKind
from models.events_file import EventsFileError, read_traces
from models.trace import Channel, Trace

OSLO = ZoneInfo("Europe/Oslo")
LONG = "home,ts,kind,location,value\n"


def written(folder: Path, text: str, name: str = "events.csv") -> Path:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def seconds(wall: str) -> int:
    """Return the second of a time with its zone."""
    return int(datetime.fromisoformat(wall).timestamp())


def same(one: Trace, other: Trace) -> bool:
    arrays = zip((one.at, one.channel, one.value), (other.at, other.channel, other.value), strict=True)
    return (one.home, one.channels) == (other.home, other.channels) and all(np.array_equal(*pair) for pair in arrays)


@pytest.mark.parametrize("name", ["events.csv", "events.csv.gz"])
def test_the_short_form_is_activations_and_names_that_end_in_door_are_doors(tmp_path: Path, name: str) -> None:
    text = (
        "home,ts,location\nb,2019-05-16 10:52:49,fridge-door\na,2019-05-16 10:52:50,kitchen\nb,2019-05-16 10:00,hall\n"
    )
    first, second = read_traces(written(tmp_path, text, name), OSLO)
    assert (first.home, second.home) == ("a", "b")
    assert second.channels == (Channel(SensorKind.DOOR, "fridge_door"), Channel(SensorKind.MOTION, "hall"))
    assert second.at.tolist() == [seconds("2019-05-16T10:00+02:00"), seconds("2019-05-16T10:52:49+02:00")]
    assert second.channel.tolist() == [1, 0]
    assert second.value.tolist() == [1.0, 1.0]
    assert second.heartbeats is None


def test_the_long_form_has_kinds_values_and_signs_of_life(tmp_path: Path) -> None:
    rows = "a,2019-05-16T10:00:00Z,temperature,bed-room,19.5\na,2019-05-16T10:01:00Z,heartbeat,,\n"
    (trace,) = read_traces(written(tmp_path, LONG + rows + "a,2019-05-16T10:00:30Z,heartbeat,,1\n"), OSLO)
    assert trace.channels == (Channel(SensorKind.TEMPERATURE, "bed_room"),)
    assert trace.value.tolist() == [19.5]
    assert trace.heartbeats is not None
    assert trace.heartbeats.tolist() == [seconds("2019-05-16T10:00:30Z"), seconds("2019-05-16T10:01:00Z")]


def test_a_home_of_which_only_signs_of_life_are_known_is_a_home(tmp_path: Path) -> None:
    (trace,) = read_traces(written(tmp_path, LONG + "a,2019-05-16 10:00:00,heartbeat,,\n"), OSLO)
    assert trace.at.size == 0
    assert trace.heartbeats is not None


def test_columns_may_come_in_any_order_and_beside_others(tmp_path: Path) -> None:
    (trace,) = read_traces(written(tmp_path, "note,location,ts,home\n\nx,hall,2019-05-16 10:00:00,a\n\n"), OSLO)
    assert trace.channels[0].room == "hall"


@pytest.mark.parametrize(
    ("wall", "with_zone"),
    [
        ("2025-03-30 01:59:59", "2025-03-30T01:59:59+01:00"),
        ("2025-03-30 03:00:00", "2025-03-30T03:00:00+02:00"),
        ("2025-10-26 01:59:59", "2025-10-26T01:59:59+02:00"),
        ("2025-10-26 02:30:00", "2025-10-26T02:30:00+02:00"),  # it came twice: the first
        ("2025-10-26 03:00:00", "2025-10-26T03:00:00+01:00"),
        ("2025-07-01T12:00:00.900", "2025-07-01T12:00:00+02:00"),
        ("2025-01-01 12:00", "2025-01-01T12:00:00+01:00"),
        ("1969-12-31 12:00:00", "1969-12-31T12:00:00+01:00"),
    ],
)
def test_local_times_are_right_over_both_clock_changes(tmp_path: Path, wall: str, with_zone: str) -> None:
    for text in (wall, with_zone):
        (trace,) = read_traces(written(tmp_path, f"home,ts,location\na,{text},hall\n"), OSLO)
        assert trace.at.tolist() == [seconds(with_zone)]


def test_times_with_and_without_a_zone_may_stand_in_one_file(tmp_path: Path) -> None:
    rows = ("2025-07-01 12:00:00", "2025-07-01T10:00+00", "2025-07-01T10:00Z")
    (trace,) = read_traces(written(tmp_path, "home,ts,location\n" + "".join(f"a,{at},hall\n" for at in rows)), OSLO)
    assert trace.at.tolist() == [seconds("2025-07-01T10:00Z")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: the columns must be home,ts,location or home,ts,kind,location,value, and there is nothing"),
        ("home,ts,kind,location\n", "line 1: the columns must be"),
        ("home,ts,location\n", "no rows after the first line"),
        (
            "home,ts,location\na,2019-05-16 10:00:00,hall\n\na,yesterday,hall\n",
            "line 4: 'yesterday' is not a time such as",
        ),
        ("home,ts,location\na,now,hall\n", "line 2: 'now' is not a time"),
        ("home,ts,location\na,2019-02-30 10:00:00,hall\n", "line 2: '2019-02-30 10:00:00' is not a time"),
        ("home,ts,location\na,,hall\n", "line 2: '' is not a time"),
        ("home,ts,location\na,2019-05-16 10:00:00\n", "line 2: 2 columns where the first line names at least 3"),
        (LONG + "a,2019-05-16 10:00:00,smell,hall,1\n", "line 2: 'smell' is not a kind; there are bed,"),
        (LONG + "a,2019-05-16 10:00:00,motion,hall,much\n", "line 2: 'much' is not a number"),
    ],
)
def test_an_error_says_the_line_and_what_was_expected(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(EventsFileError) as error:
        read_traces(path, OSLO)
    assert str(error.value).startswith(str(path))
    assert said in str(error.value)


def test_a_missing_file_and_one_that_is_not_text_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(EventsFileError, match="there is no such file"):
        read_traces(tmp_path / "none.csv", OSLO)
    with pytest.raises(EventsFileError, match="cannot be read as CSV"):
        read_traces(written(tmp_path, "home,ts,location\n").rename(tmp_path / "events.gz"), OSLO)


rows = st.lists(
    st.tuples(st.sampled_from("ab"), st.integers(0, 40), st.sampled_from(["hall", "front-door"])),
    min_size=1,
    max_size=30,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(rows, st.randoms())
def test_rows_delivered_twice_and_in_any_order_give_the_same_traces(
    tmp_path: Path, told: list[tuple[str, int, str]], chance: Random
) -> None:
    lines = [f"{home},2025-07-01 12:00:{second:02d},{place}\n" for home, second, place in told]
    again = [*lines, *lines[: len(lines) // 2]]
    chance.shuffle(again)
    first, second = (
        read_traces(written(tmp_path, "home,ts,location\n" + "".join(some)), OSLO) for some in (lines, again)
    )
    assert [one.home for one in first] == [one.home for one in second]
    assert all(same(one, other) for one, other in zip(first, second, strict=True))
