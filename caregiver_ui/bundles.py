"""What every page needs as one style and one script, and other styles as a second: a slow phone waits for each file.

The front page takes the first alone, so that a nurse sees an alert as soon as may be.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

DESIGN, DESIGN_FORMS = "vendor/designsystemet.css", "vendor/designsystemet-forms.css"
# In this order: what comes later has the last word. A municipality replaces theme.css.
BUNDLES: Mapping[str, tuple[str, ...]] = {
    "first.css": (DESIGN, "theme.css", "app.css", "cards.css"),
    "more.css": (DESIGN_FORMS, "alert.css", "charts.css", "work.css"),
    "first.js": ("vendor/htmx.min.js", "device.js", "live.js"),
}
# A property that a style sheet makes for itself, and where one is read.
_OWN_PROPERTY = re.compile(r"""(?<=[{;}])(--[\w-]+):(?:"[^"]*"|[^;{}"])*(?:;|(?=}))""")
# Words for us: whole lines of a script, and what stands between these marks.
_COMMENT = re.compile(rb"^\s*//[^\n]*\n|/\*.*?\*/", re.MULTILINE | re.DOTALL)
_READ = re.compile(r"var\(\s*(--[\w-]+)")


def bundle(name: str, files: Mapping[str, bytes]) -> bytes:
    """Return a bundle of some of these files (all there are: their styles tell what of the design is used).

    Raises:
        KeyError: there is no such bundle.
    """
    styles = {path: body.decode() for path, body in files.items() if path.endswith(".css")}
    ours = "".join(style for path, style in styles.items() if path not in {DESIGN, DESIGN_FORMS})
    design = _used(styles[DESIGN], styles[DESIGN_FORMS], ours)
    parts = {**files, **{path: style.encode() for path, style in zip((DESIGN, DESIGN_FORMS), design, strict=True)}}
    # What others wrote carries their licence, and has no words to spare.
    bare = (parts[path] if path.startswith("vendor/") else _COMMENT.sub(b"", parts[path]) for path in BUNDLES[name])
    return b"\n".join(bare)


@lru_cache(maxsize=4)
def _used(first: str, second: str, ours: str) -> tuple[str, str]:
    """Return the design's styles without properties that nothing reads: a theme holds many for other services."""
    before = ""
    while before != first + second:
        before = first + second
        read = frozenset(_READ.findall(before + ours))
        first, second = _without_unread(first, read), _without_unread(second, read)
    return first, second


def _without_unread(style: str, read: frozenset[str]) -> str:
    return _OWN_PROPERTY.sub(lambda found: found[0] if found[1] in read else "", style)
