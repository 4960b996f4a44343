"""What pages are made with: languages, files, templates. One for each app."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from caregiver_ui.language import Language, Speech
from caregiver_ui.static_files import StaticLibrary
from caregiver_ui.world_pace import WorldPace

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Pages:
    """What pages are made with: one for each app."""

    languages: Mapping[Language, Speech]
    library: StaticLibrary
    templates: Environment
    pace: WorldPace = field(default_factory=WorldPace)


def new_pages(languages: Mapping[Language, Speech], library: StaticLibrary) -> Pages:
    """Return what pages are made with. An unknown name in a template is an error, never an empty place."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.globals["asset"] = library.url
    return Pages(languages, library, templates)


def pages_of(request: Request) -> Pages:
    """Return what this app's pages are made with."""
    pages: Pages = request.app.state.pages
    return pages
