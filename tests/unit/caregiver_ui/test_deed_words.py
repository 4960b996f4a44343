"""What the audit calls deeds has words: for whoever is looked at, and for those who must answer for it."""

import ast
from pathlib import Path

import server
from caregiver_ui.deed_words import DEEDS, deed_words, purpose_words, thing_words
from caregiver_ui.language import Language, load_languages
from server.alerting.rules import LogEvent
from server.board.rules import MarkKind
from server.rounds.rules import Mark
from server.simulations.rules import Verb

ROOT = Path(server.__file__).parent
# How the service's modules write into the audit: at once, or by a function of their own.
_WRITERS = {"append", "tell", "_tell", "_note", "_save"}
# What is written with a word of its own after it.
_FAMILIES: dict[str, set[str]] = {
    "alert ": {LogEvent.TAKEN, LogEvent.ON_THE_WAY, LogEvent.ARRIVED, LogEvent.CLOSED, LogEvent.LEFT, LogEvent.REOPENED}
    | {LogEvent.FORWARDED, LogEvent.CONFIRMED, LogEvent.RELATIVE_GOES, LogEvent.RELATIVE_CANNOT},
    "supervision ": set(Mark),
    "simulation ": set(Verb),
    "device ": set(MarkKind),
    "agreed rule ": {"set", "on", "off", "muted", "unmuted", "removed"},
}


def test_every_deed_that_is_written_down_has_words() -> None:
    written = _written() | {f"{family}{one}" for family, some in _FAMILIES.items() for one in some}

    assert written - set(DEEDS) == set()
    assert {"looked at", "gateway enrolled", "visit planned", "task done"} <= written


def test_a_deed_is_said_in_the_readers_language_and_an_unknown_one_is_another_change() -> None:
    nynorsk = load_languages()[Language.NYNORSK]

    assert deed_words(nynorsk, "sensor replaced") == "Bytte ein sensor"
    assert deed_words(nynorsk, "sensor painted") == "Ei anna endring"
    assert purpose_words(nynorsk, "plan") == "planen til bebuaren"
    assert purpose_words(nynorsk, "Sonen er på besøk") == ""
    assert thing_words(nynorsk, "gateway:gw-01") == "Sentral gw-01"
    assert thing_words(nynorsk, "whatever") == "whatever"


def _written() -> set[str]:
    """Return the deeds that stand in the service's source as a whole word."""
    found = set()
    for path in ROOT.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        if "audit.service import append" in source or "visits.service import tell" in source:
            for node in ast.walk(ast.parse(source)):
                found |= _deeds(node)
    return found


def _deeds(node: ast.AST) -> set[str]:
    said: list[ast.expr] = []
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "what":
        said = [node.value]
    elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in _WRITERS:
        named = [keyword.value for keyword in node.keywords if keyword.arg == "what"]
        said = named or (node.args if len(node.args) > 2 else [])
    return {text for one in said for text in _plain(one) if " " in text}


def _plain(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [*_plain(node.body), *_plain(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []
