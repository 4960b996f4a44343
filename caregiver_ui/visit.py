"""One look at one page: who looks, in which language and light, and at what time."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, Request

from caregiver_ui.language import Speech, pick_language
from caregiver_ui.page_kit import Pages, pages_of
from server.access.api import NowDep, ViewerDep, settings_of
from server.access.service import Viewer

LANGUAGE_COOKIE = "livsrytme-language"
SCHEME_COOKIE = "livsrytme-scheme"


class Scheme(StrEnum):
    """Light or dark pages; `auto` follows the device."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks, how and when. `viewer` is None before signing in."""

    request: Request
    viewer: Viewer | None
    speech: Speech
    scheme: Scheme
    now: datetime

    @property
    def pages(self) -> Pages:
        """What pages are made with."""
        return pages_of(self.request)

    @property
    def is_partial(self) -> bool:
        """Whether the page's script asks, which puts the answer into the page it has."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def is_test(self) -> bool:
        """Whether this server knows simulated homes only."""
        return settings_of(self.request).test_mode

    @property
    def is_simulated_time(self) -> bool:
        """Whether the time is a simulated world's."""
        return settings_of(self.request).clock_file is not None


def visit_by(request: Request, viewer: Viewer | None, now: datetime) -> Visit:
    """Return the visit of a person, or of somebody who has not signed in."""
    spoken = viewer.language if viewer is not None else request.cookies.get(LANGUAGE_COOKIE)
    language = pick_language(spoken, request.headers.get("accept-language"))
    scheme = request.cookies.get(SCHEME_COOKIE, "")
    return Visit(
        request,
        viewer,
        pages_of(request).languages[language],
        Scheme(scheme) if scheme in set(Scheme) else Scheme.AUTO,
        now,
    )


def _guest(request: Request, now: NowDep) -> Visit:
    return visit_by(request, None, now)


def _signed_in(request: Request, viewer: ViewerDep, now: NowDep) -> Visit:
    return visit_by(request, viewer, now)


GuestDep = Annotated[Visit, Depends(_guest)]
VisitDep = Annotated[Visit, Depends(_signed_in)]
