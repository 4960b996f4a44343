"""Pictures of pages for people to look at."""

import os
from pathlib import Path

from playwright.sync_api import Page


class Gallery:
    """The folder that LIVSRYTME_PICTURES names. Where it names none, nobody looks, and no picture is made."""

    def __init__(self) -> None:
        named = os.environ.get("LIVSRYTME_PICTURES")
        self._folder = Path(named) if named else None
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)

    def keep(self, page: Page, name: str, *, whole: bool = True) -> None:
        """Keep the whole page, or what a reader sees of it without scrolling."""
        if self._folder is not None:
            page.screenshot(path=self._folder / f"{name}.png", full_page=whole)
