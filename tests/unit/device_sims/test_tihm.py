import gzip
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from device_sims import tihm
from device_sims.sensors.sensor import Form
from device_sims.tihm import TihmError

_ROWS = """home,ts,location
a1,2019-05-16 10:52:50,back-door
a1,2019-05-16 10:52:49,kitchen
b2,2019-05-17 08:00:00,lounge
a1,2019-05-18 10:52:50,fridge-door
"""


def _file(folder: Path, text: str, name: str = "activity.csv.gz") -> Path:
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["activity.csv.gz", "activity.csv"])
def test_a_home_is_read_from_the_folder_or_the_file_in_order_of_time(tmp_path: Path, name: str) -> None:
    file = _file(tmp_path, _ROWS, name)

    rows = tihm.load(tmp_path, "a1")

    assert rows == tihm.load(file, "a1")
    assert [(row.place.room, row.place.form) for row in rows] == [
        ("kitchen", Form.MOTION),
        ("back_door", Form.DOOR),
        ("fridge", Form.DOOR),
    ]


def test_times_are_those_of_a_british_wall_clock(tmp_path: Path) -> None:
    _file(tmp_path, _ROWS)

    first = tihm.load(tmp_path, "a1")[0]

    assert first.at() == datetime(2019, 5, 16, 9, 52, 49, tzinfo=UTC)
    assert first.at(shift=timedelta(weeks=30)) == datetime(2019, 12, 12, 10, 52, 49, tzinfo=UTC)


def test_rows_of_the_same_second_are_all_kept_in_the_files_order(tmp_path: Path) -> None:
    second = "a1,2019-05-16 10:52:50,"
    _file(tmp_path, f"home,ts,location\n{second}lounge\n{second}bedroom\n{second}lounge\n")

    assert [row.place.room for row in tihm.load(tmp_path, "a1")] == ["lounge", "bedroom", "lounge"]


def test_a_part_is_whole_days_from_the_day_asked_for(tmp_path: Path) -> None:
    _file(tmp_path, _ROWS)
    rows = tihm.load(tmp_path, "a1")

    assert tihm.part_of(rows, None, 2) == rows[:2]
    assert tihm.part_of(rows, date(2019, 5, 17), None) == rows[2:]
    with pytest.raises(TihmError, match="2019-05-16 to 2019-05-18"):
        tihm.part_of(rows, date(2020, 1, 1), 3)


def test_homes_are_counted(tmp_path: Path) -> None:
    _file(tmp_path, _ROWS)

    assert tihm.homes_in(tmp_path) == {"a1": 3, "b2": 1}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("when,where\n", "line 1: expected the columns home,ts,location"),
        ("", "line 1: expected the columns"),
        ("home,ts,location\na1,2019-05-16 10:52:49\n", "line 2: expected 3 fields, found 2"),
        ("home,ts,location\na1,2019-05-16 10:52:49,lounge\na1,yesterday,lounge\n", "line 3: 'yesterday' is not a time"),
        ("home,ts,location\na1,2019-05-16T10:52:49+00:00,lounge\n", "line 2: .* carries a time zone"),
        ("home,ts,location\nb2,2019-05-16 10:52:49,lounge\n", "holds no home 'a1'. The homes there: b2"),
        ("home,ts,location\n", "The homes there: none"),
    ],
)
def test_a_file_of_another_form_is_refused_with_the_line_and_what_was_expected(
    tmp_path: Path, text: str, complaint: str
) -> None:
    _file(tmp_path, text)

    with pytest.raises(TihmError, match=complaint):
        tihm.load(tmp_path, "a1")


def test_a_path_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(TihmError, match="is not there: give the TIHM folder"):
        tihm.load(tmp_path / "nowhere", "a1")


def test_a_folder_without_the_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(TihmError, match=r"has no activity\.csv\.gz or activity\.csv"):
        tihm.load(tmp_path, "a1")


@pytest.mark.parametrize("broken", [b"no gzip at all", gzip.compress(_ROWS.encode())[:-20]], ids=["no gzip", "cut off"])
def test_a_damaged_file_is_refused_in_words(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "activity.csv.gz").write_bytes(broken)

    with pytest.raises(TihmError, match="damaged or not a gzip file"):
        tihm.load(tmp_path, "a1")


def test_a_file_that_is_no_text_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "activity.csv").write_bytes(b"home,ts,location\n\xff\xfe\xfa\n")

    with pytest.raises(TihmError, match="not a text file of rows"):
        tihm.load(tmp_path, "a1")
