"""Sets a page: templates, words, and the headers that keep it safe."""

import gzip
import time

from fastapi.responses import HTMLResponse, Response

from caregiver_ui.language import NORWAY, OWN_NAME
from caregiver_ui.navigation import navigation_of
from caregiver_ui.visit import Visit
from server.access.tables import PRIVATE_ROLES

# No script and no style but our own files: text that slips into a page can never run there. Pictures may stand in the
# style sheets themselves (data:), as the design system's icons do.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # Pages tell of people's health: a shared computer keeps no copy.
    "Cache-Control": "no-store",
}

# Language and light stand in cookies.
_PUBLIC = {"Cache-Control": "public, max-age=300", "Vary": "Accept-Encoding, Accept-Language, Cookie"}


# Level of packing: the next ones take twice the time for a few per cent.
_QUICK = 5


def render(visit: Visit, template: str, *, status: int = 200, is_public: bool = False, **shown: object) -> Response:
    """Return a page, or a part of one, in the visitor's language. `is_public`: it tells of nobody, and may be kept."""
    speech = visit.speech
    page = visit.pages.templates.get_template(template)
    text = page.render(
        {
            "_": speech.gettext,
            "ngettext": speech.ngettext,
            "speech": speech,
            "visit": visit,
            "viewer": visit.viewer,
            "band": _band(visit),
            "languages": [(language, name, language is speech.language) for language, name in OWN_NAME.items()],
            "navigation": navigation_of(visit),
            "is_private": visit.viewer is not None and visit.viewer.role in PRIVATE_ROLES,
            "open_ids": "",
            "norway": NORWAY,
        }
        | shown
    )
    answer = _packed(visit, text, status)
    if is_public:
        answer.headers.update(_PUBLIC)
    return answer


def _packed(visit: Visit, text: str, status: int) -> Response:
    """Return the page packed where the browser can read that: on a slow phone it comes four times as fast.

    Packing is safe here although pages repeat what a reader typed: they hold no secret that its length could betray.
    """
    body = text.encode()
    headers = {**_HEADERS, "Vary": "Accept-Encoding"}
    if "gzip" in visit.request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, compresslevel=_QUICK, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return HTMLResponse(body, status_code=status, headers=headers)


def _band(visit: Visit) -> str:
    """Return what the band says of a simulated world's time; empty when time is the real one."""
    if not visit.is_simulated_time:
        return ""
    here = visit.now.astimezone(NORWAY)
    speech = visit.speech
    said = speech.gettext("Simulated time: {day} {clock}").format(
        day=speech.long_day(here.date()), clock=speech.clock(here, NORWAY)
    )
    speed = visit.pages.pace.observe(visit.now, time.monotonic())
    return said if speed is None else f"{said} · " + speech.gettext("{speed} × speed").format(speed=speed)
