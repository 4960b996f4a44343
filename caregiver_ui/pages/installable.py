"""What makes the pages an app on a phone: its name, icons, and the worker that runs without a page."""

import json
from functools import cache

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse

from caregiver_ui.icon import icon_png
from caregiver_ui.page_kit import pages_of
from caregiver_ui.pages.route import PageRoute
from caregiver_ui.rendering import render
from caregiver_ui.visit import GuestDep
from server.errors import NotFoundError

_SHELL = ("first.css", "more.css", "first.js", "vendor/inter.woff2", "vendor/icons.svg", "icon.svg")
_SIZES = (180, 192, 512)
_GROUND = "#12606b"

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get("/sw.js")
def get_worker(request: Request) -> Response:
    """Return the worker with the files it keeps. It is asked for anew each time, so that it never falls behind."""
    library = pages_of(request).library
    shell = json.dumps([library.url(name) for name in _SHELL])
    script = f"self.SHELL = {shell};\nself.VERSION = {json.dumps(library.version)};\n" + library.text("sw.js")
    return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


@router.get("/manifest.webmanifest")
def get_manifest(visit: GuestDep) -> Response:
    """Return the app's name and icons, as browsers ask before they put it on a home screen."""
    library = visit.pages.library
    drawn = {"src": library.url("icon.svg"), "type": "image/svg+xml", "sizes": "any"}
    painted = [
        {"src": f"/icon-{size}.png", "type": "image/png", "sizes": f"{size}x{size}", "purpose": "any maskable"}
        for size in _SIZES
    ]
    manifest = {
        "name": "Livsrytme",
        "short_name": "Livsrytme",
        "lang": visit.speech.language,
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": _GROUND,
        "icons": [drawn, *painted],
    }
    return JSONResponse(manifest, media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


@router.get("/icon-{size}.png")
def get_icon(size: int = Path()) -> Response:
    """Return the icon in one of the sizes that home screens want."""
    if size not in _SIZES:
        raise NotFoundError("icon")
    return Response(_painted(size), media_type="image/png", headers={"Cache-Control": "public, max-age=86400"})


@router.get("/offline")
def get_offline(visit: GuestDep) -> Response:
    """Return the page a device keeps for when it has no other."""
    return render(visit, "offline.html")


@cache
def _painted(size: int) -> bytes:
    return icon_png(size)
