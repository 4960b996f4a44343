"""What every page needs, as one style and one script: a slow phone waits for each file it must ask for."""

import re
from collections.abc import Mapping
from functools import lru_cache

_DESIGN = "vendor/designsystemet.css"
# In this order: what comes later has the last word. A municipality replaces theme.css.
BUNDLES: Mapping[str, tuple[str, ...]] = {
    "first.css": (_DESIGN, "theme.css", "app.css"),
    "first.js": ("vendor/htmx.min.js", "device.js", "live.js"),
}
# A property that a style sheet makes for itself, and where one is read.
_OWN_PROPERTY = re.compile(r"""(?<=[{;}])(--[\w-]+):(?:"[^"]*"|[^;{}"])*(?:;|(?=}))""")
_READ = re.compile(r"var\(\s*(--[\w-]+)")


def bundle(name: str, files: Mapping[str, bytes]) -> bytes:
    """Return a bundle of some of these files (all there are: their styles tell what of the design is used).

    Raises:
        KeyError: there is no such bundle.
    """
    styles = "".join(body.decode() for path, body in files.items() if path.endswith(".css") and path != _DESIGN)
    parts = [
        _without_unread(files[part].decode(), styles).encode() if part == _DESIGN else files[part]
        for part in BUNDLES[name]
        if part in files
    ]
    return b"\n".join(parts)


@lru_cache(maxsize=16)
def _without_unread(design: str, styles: str) -> str:
    """Return the design system's style without properties that nothing reads: a theme holds many for other services."""
    kept = _pruned(design, styles)
    return kept if kept == design else _without_unread(kept, styles)


def _pruned(design: str, styles: str) -> str:
    read = {*_READ.findall(design), *_READ.findall(styles)}
    return _OWN_PROPERTY.sub(lambda found: found[0] if found[1] in read else "", design)
