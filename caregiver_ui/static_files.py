"""The pages' own files and the third-party ones, read once at start and served under a name that changes with them."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from fastapi import APIRouter, Request, Response

from caregiver_ui.assets import AssetError
from caregiver_ui.bundles import BUNDLES, DESIGN, DESIGN_FORMS, bundle

STATIC = Path(__file__).parent / "static"

# The address changes whenever a file does, so a browser may keep what it has got for a year.
_KEEP = "public, max-age=31536000, immutable"
_NEEDED = ("vendor/htmx.min.js", DESIGN, DESIGN_FORMS, "vendor/inter.woff2", "vendor/icons.svg")
_PACKED_ALREADY = frozenset({".woff2", ".png"})


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent; `packed` is None where packing gains nothing."""

    media_type: str
    body: bytes
    packed: bytes | None


class StaticLibrary:
    """Every static file, in memory.

    Raises:
        AssetError: the third-party files have not been fetched.
    """

    def __init__(self, folder: Path = STATIC) -> None:
        missing = [name for name in _NEEDED if not (folder / name).is_file()]
        if missing:
            raise AssetError(
                f"a file the pages are drawn with is missing ({missing[0]}): run `python -m caregiver_ui.assets` first"
            )
        bodies = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        bodies |= {name: bundle(name, bodies) for name in BUNDLES}
        self._files = {name: _packed(name, body) for name, body in bodies.items()}
        digest = hashlib.sha256()
        for name, file in self._files.items():
            digest.update(name.encode() + file.body)
        self.version = digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        """Return the address of a file.

        Raises:
            KeyError: there is no such file; a template names one that was never there.
        """
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self.version}/{name}"

    def text(self, name: str) -> str:
        """Return a file of our own as text, for what is served in another way."""
        return self._files[name].body.decode()

    def answer(self, version: str, name: str, *, may_pack: bool) -> Response:
        """Return a file. Under an older version's address the present file is sent, and not kept by the browser."""
        file = self._files.get(name)
        if file is None:
            return Response(status_code=404)
        headers = {
            "Cache-Control": _KEEP if version == self.version else "no-cache",
            "X-Content-Type-Options": "nosniff",
        }
        if may_pack and file.packed is not None:
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
            return Response(file.packed, media_type=file.media_type, headers=headers)
        return Response(file.body, media_type=file.media_type, headers=headers)


def static_router(library: StaticLibrary) -> APIRouter:
    """Return the route that serves the files."""
    router = APIRouter(include_in_schema=False)

    @router.get("/static/{version}/{name:path}")
    async def get_static(request: Request, version: str, name: str) -> Response:
        return library.answer(version, name, may_pack="gzip" in request.headers.get("accept-encoding", ""))

    return router


def _packed(name: str, body: bytes) -> StaticFile:
    suffix = PurePosixPath(name).suffix
    packed = None if suffix in _PACKED_ALREADY else gzip.compress(body, mtime=0)
    media_type = "font/woff2" if suffix == ".woff2" else mimetypes.guess_type(name)[0]
    return StaticFile(media_type or "application/octet-stream", body, packed)
