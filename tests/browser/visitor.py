"""What everybody does first."""

from typing import Protocol

from playwright.sync_api import Page
from town import PASSWORD


class Place(Protocol):
    """A town, or a house: wherever the pages are."""

    url: str


def sign_in(page: Page, town: Place, username: str) -> None:
    page.goto(f"{town.url}/sign-in")
    page.locator("#username").fill(username)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(f"{town.url}/**")
