"""Every language is whole: a sentence that is missing, unsure or left over fails here."""

import ast
import re

import pytest
from babel.messages.catalog import Message
from catalogues import ROOT, catalogue, marked_texts

_TRANSLATED = ["nb", "nn"]  # English is the language of the source texts


@pytest.mark.parametrize("language", _TRANSLATED)
def test_every_sentence_of_the_pages_is_in_the_catalogue_and_no_other(language: str) -> None:
    there = {_key(message) for message in catalogue(language) if message.id}

    assert there == marked_texts()


@pytest.mark.parametrize("language", _TRANSLATED)
def test_no_translation_is_empty_or_unsure(language: str) -> None:
    wanting = [m.id for m in catalogue(language) if m.id and (m.fuzzy or not all(_forms(m.string)))]

    assert wanting == []


@pytest.mark.parametrize("language", _TRANSLATED)
def test_a_translation_has_the_same_places_to_fill_in_as_the_sentence(language: str) -> None:
    differing = [
        message.id
        for message in catalogue(language)
        if message.id and {frozenset(_places(form)) for form in _forms(message.string)} - _allowed(message)
    ]

    assert differing == []


def test_no_sentence_hides_in_an_f_string_where_it_would_not_be_found() -> None:
    hidden = [
        f"{path.name}:{call.lineno}"
        for path in ROOT.rglob("*.py")
        if "node_modules" not in path.parts
        for string in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in {"gettext", "ngettext"}
    ]

    assert hidden == []


def _key(message: Message) -> str | tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, list | tuple) else message.id


def _forms(texts: object) -> list[str]:
    return list(texts) if isinstance(texts, list | tuple) else [str(texts or "")]


def _places(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)}", text))


def _allowed(message: Message) -> set[frozenset[str]]:
    return {frozenset(_places(form)) for form in _forms(message.id)}
