"""What a tester writes wrongly in a scenario file is told with file, line and what was expected."""

from datetime import timedelta
from pathlib import Path

import pytest

from device_sims.scenarios.incidents import Fails
from device_sims.scenarios.scenario import at
from device_sims.scenarios.scenario_file import load_scenario, scenario_named
from device_sims.yaml_file import YamlFileError

_GOOD = """title: Falls
profile: frail
lasts: 2 d
happens:
  - {at: 09:40, what: falls, room: bathroom, for: 9 h}
  - {at: day 2 10:00, what: sensor_tells, sensor: button, times: 2, every: 25 s}
alerted:
  - {kinds: [inactivity, fall], from: 09:40, within: 1 h 30 min}
quiet:
  - reason: nobody went out
    kinds: [left_at_night]
    from: 09:40
    until: 18:00
"""


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "falls.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_says_in_words_what_a_scenario_is(tmp_path: Path) -> None:
    scenario = load_scenario(_file(tmp_path, _GOOD))

    assert (scenario.code, scenario.title, scenario.profile) == ("falls", "Falls", "frail")
    assert scenario.alerted[0].within == timedelta(hours=1, minutes=30)
    assert len(scenario.incidents) == 2
    assert scenario_named(str(tmp_path / "falls.yaml")) == scenario


@pytest.mark.parametrize(
    ("right", "wrong", "line", "complaint"),
    [
        ("profile: frail", "profil: frail", 2, "'profil' is unknown here; expected title, profile"),
        ("profile: frail", "profile: old", 2, "'old' is unknown; expected healthy, frail"),
        ("title: Falls\n", "", 1, "'title' is missing"),
        ("lasts: 2 d", "lasts: soon", 3, "'soon' is no length of time; expected such as 45 min"),
        ("lasts: 2 d", "lasts: 0 d", 3, "'0 d' is no length of time"),
        ("lasts: 2 d", "lasts: 2 d and some", 3, "is no length of time"),
        ("room: bathroom", "room: cellar", 5, "'cellar' is unknown; expected hallway, lounge, kitchen"),
        ("at: 09:40", "at: 25:10", 5, "'25:10' is no time; expected such as 09:40 or day 3 09:40"),
        ("at: 09:40", "at: 09:75", 5, "'09:75' is no time"),
        ("at: 09:40", "at: tomorrow", 5, "'tomorrow' is no time"),
        ("at: 09:40", "at: day 0 09:40", 5, "'day 0 09:40' is no time"),
        ("at: day 2 10:00", "at: day 4 10:00", 6, "is after the scenario's end: it lasts 2 d"),
        ("what: falls", "what: flies", 5, "'flies' is unknown; expected falls, does"),
        ("for: 9 h}", "for: 9 h, loudly: yes}", 5, "'loudly' is unknown here; expected at, what, room, for"),
        (", for: 9 h}", "}", 5, "'for' is missing"),
        ("sensor: button", "sensor: radar", 6, "'radar' is unknown; expected hallway_motion"),
        ("times: 2", "times: many", 6, "'many' is not a number from 1 to 100"),
        ("[inactivity, fall]", "[inactivity, storm]", 8, "'storm' is unknown; expected button"),
        ("[inactivity, fall]", "[]", 8, "expected at least one kind"),
        ("[inactivity, fall]", "[fall, gateway_silent]", 8, "cannot stand together"),
        ("within: 1 h 30 min", "within: 1 moon", 8, "'1 moon' is no length of time"),
        ("until: 18:00", "until: 09:00", 13, "a time after '09:40' was expected"),
        ("reason: nobody went out", "why: nobody went out", 10, "'why' is unknown here; expected kinds, from"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_what_was_expected(
    tmp_path: Path, right: str, wrong: str, line: int, complaint: str
) -> None:
    assert right in _GOOD
    path = _file(tmp_path, _GOOD.replace(right, wrong, 1))

    with pytest.raises(YamlFileError) as caught:
        load_scenario(path)

    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert complaint in str(caught.value)


def test_a_habit_that_nobody_has_is_told_with_those_there_are(tmp_path: Path) -> None:
    changes = "{at: 00:00, what: habits_change, factors: {humming: 2}}"
    path = _file(tmp_path, _GOOD.replace("{at: 09:40, what: falls, room: bathroom, for: 9 h}", changes))

    with pytest.raises(YamlFileError, match=r"line 5: 'humming' is no number of a profile; there are awake_min"):
        load_scenario(path)


def test_a_clock_is_ahead_or_behind(tmp_path: Path) -> None:
    wrong = "{at: 00:00, what: wrong_clock, for: 2 h, behind: 3 h}"
    path = _file(tmp_path, _GOOD.replace("{at: 09:40, what: falls, room: bathroom, for: 9 h}", wrong))
    fails = load_scenario(path).incidents[0]

    assert fails == Fails(at(1, "00:00"), "wrong_clock", timedelta(hours=2), -timedelta(hours=3))

    for both_or_none in ("", ", ahead: 1 h, behind: 1 h"):
        path = _file(tmp_path, path.read_text(encoding="utf-8").replace(", behind: 3 h", both_or_none, 1))
        with pytest.raises(YamlFileError, match="line 5: either 'ahead' or 'behind' was expected of a wrong clock"):
            load_scenario(path)
        path.write_text(_GOOD.replace("{at: 09:40, what: falls, room: bathroom, for: 9 h}", wrong), encoding="utf-8")


def test_a_name_that_no_scenario_has_is_told_with_those_there_are() -> None:
    with pytest.raises(YamlFileError, match=r"there is no scenario 'strom'; give the path.*button_four_times"):
        scenario_named("strom")
