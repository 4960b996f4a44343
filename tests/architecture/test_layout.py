"""What no linter covers: the shape of the tree."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("gateway", "server", "models", "caregiver_ui", "device_sims")
TOP_LEVEL = {*PACKAGES, "tests", "docs", "deploy", "bench", ".ci"}

# A file past this is two rooms in one.
MOST_LINES = 400
# Names that say nothing draw everything to themselves.
EMPTY_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "base",
    "manager",
    "managers",
    "handler",
    "stuff",
}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


SOURCES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts
)
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_top_level_is_the_agreed_one() -> None:
    folders = {path.relative_to(ROOT).parts[0] for path in tracked() if len(path.relative_to(ROOT).parts) > 1}

    assert folders <= TOP_LEVEL


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_source_file_is_one_room(path: Path) -> None:
    if "migrations" in path.parts:
        return

    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
    assert path.stem not in EMPTY_NAMES


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_in_its_first_line_what_it_is_for(path: Path) -> None:
    if "versions" in path.parts:
        return

    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_every_rules_file_is_read_by_a_unit_test() -> None:
    rules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in SOURCES if path.name == "rules.py"]
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "unit").rglob("test_*.py"))

    untested = [name for name in rules if f"from {name} import" not in tests and not _is_imported(name, tests)]
    assert untested == []


def _is_imported(module: str, tests: str) -> bool:
    package, _, name = module.rpartition(".")
    return re.search(rf"from {re.escape(package)} import .*\b{name}\b", tests) is not None


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_path_a_document_names_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:" + "|".join(TOP_LEVEL | {r"\.ci"}) + r")/[\w./-]*[\w/])`", text))
    linked = {target for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if not re.match(r"[a-z]+:", target)}

    assert sorted(name for name in named if not (ROOT / name).exists()) == []
    assert sorted(target for target in linked if not (path.parent / target).exists()) == []


def test_no_lock_file_names_an_address() -> None:
    locks = [path for path in tracked() if "lock" in str(path.relative_to(ROOT)) and path.suffix in {".txt", ".json"}]

    assert locks
    for path in locks:
        text = path.read_text(encoding="utf-8")
        assert '"resolved"' not in text, path
        assert not re.search(r"(--index-url|--extra-index-url|--find-links|@ ?https?:)", text), path


def test_nothing_of_a_machine_or_a_third_party_is_committed() -> None:
    names = [str(path.relative_to(ROOT)) for path in tracked()]

    assert [name for name in names if re.search(r"(node_modules|/vendor/|\.min\.(js|css)$)", name)] == []
    for path in tracked():
        if path.suffix in {".py", ".md", ".toml", ".txt", ".json", ".yaml", ""}:
            assert not re.search(r"(^|[\s\"'=])/(home|root|work|farm)/", path.read_text(encoding="utf-8")), path
