"""The pages without a network: a browser that only knows forms, and a clock that a test sets."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from builders import FakeGateway, send, signed_in
from fastapi import FastAPI

from server.access.api import COOKIE
from server.db.session import Database


class StillClock:
    """A clock that a test sets."""

    def __init__(self, now: datetime) -> None:
        self.present = now

    def now(self) -> datetime:
        return self.present

    async def sleep(self, span: timedelta) -> None:
        self.present += span


@dataclass
class Reader:
    """A browser without script: it keeps cookies and follows no redirect."""

    app: FastAPI
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return asyncio.run(self._ask("GET", path, None, headers))

    def post(self, path: str, data: dict[str, object], headers: dict[str, str] | None = None) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, data, headers))

    def upload(self, path: str, content: bytes) -> httpx.Response:
        return asyncio.run(self._ask("POST", path, None, None, {"file": ("plan.ics", content, "text/calendar")}))

    async def _ask(
        self,
        method: str,
        path: str,
        data: dict[str, object] | None,
        headers: dict[str, str] | None,
        files: dict[str, tuple[str, bytes, str]] | None = None,
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://site", cookies=self.cookies) as client:
            answer = await client.request(method, path, data=data, headers=headers, files=files)
            self.cookies = client.cookies
        return answer


@dataclass
class Site:
    """The pages, and what they show."""

    app: FastAPI
    database: Database
    clock: StillClock
    gateway: FakeGateway = field(default_factory=FakeGateway)

    def browser(self, username: str | None = None) -> Reader:
        """Return a browser, signed in without the password's slow check, or not."""
        browser = Reader(self.app)
        if username is not None:
            browser.cookies.set(COOKIE, signed_in(self.database, username))
        return browser

    def press(self) -> str:
        """Press the button in home-a; return the open alert's name."""
        send(self.database, self.gateway.batch([self.gateway.press(self.clock.present)]), self.clock.present)
        return self.browser("maria").get("/parts/alerts").text.partition('data-alert="')[2].partition('"')[0]
