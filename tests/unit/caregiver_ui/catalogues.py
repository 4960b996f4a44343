"""Reads what the pages say: every sentence marked for translation, and the catalogues."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import caregiver_ui

ROOT = Path(caregiver_ui.__file__).parent
Text = str | tuple[str, ...]


def marked_texts() -> set[Text]:
    """Return every sentence in the code and the templates."""
    methods = [
        ("node_modules/**", "ignore"),
        ("static/**", "ignore"),
        ("**.py", "python"),
        ("templates/**.html", "jinja2.ext:babel_extract"),
    ]
    keywords = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
    return {text for _, _, text, _, _ in extract_from_dir(str(ROOT), method_map=methods, keywords=keywords)}


def catalogue(language: str) -> Catalog:
    with (ROOT / "locale" / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)
