"""What everybody does first."""

from playwright.sync_api import Page
from town import PASSWORD, Town


def sign_in(page: Page, town: Town, username: str) -> None:
    page.goto(f"{town.url}/sign-in")
    page.locator("#username").fill(username)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(f"{town.url}/**")
