"""Static files: kept by browsers for as long as they are the same, and never missing without a word."""

from pathlib import Path

import pytest

from caregiver_ui.assets import AssetError
from caregiver_ui.bundles import BUNDLES, DESIGN, DESIGN_FORMS
from caregiver_ui.static_files import StaticLibrary


def _folder(tmp_path: Path, css: str = "a{}") -> Path:
    for name in ("vendor/htmx.min.js", DESIGN, DESIGN_FORMS, "vendor/inter.woff2", "vendor/icons.svg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 100)
    for name in {name for names in BUNDLES.values() for name in names if not name.startswith("vendor/")}:
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "app.css").write_text(css, encoding="utf-8")
    return tmp_path


def test_the_address_changes_with_the_content(tmp_path: Path) -> None:
    before = StaticLibrary(_folder(tmp_path)).url("app.css")
    after = StaticLibrary(_folder(tmp_path, "b{}")).url("app.css")

    assert before != after


def test_the_present_version_is_kept_and_an_older_one_is_not(tmp_path: Path) -> None:
    library = StaticLibrary(_folder(tmp_path))

    present = library.answer(library.version, "app.css", may_pack=False)
    older = library.answer("0" * 12, "app.css", may_pack=False)

    assert "immutable" in present.headers["cache-control"]
    assert older.headers["cache-control"] == "no-cache"
    assert older.body == b"a{}"


def test_text_is_packed_for_browsers_that_can_read_it_and_fonts_are_left_alone(tmp_path: Path) -> None:
    library = StaticLibrary(_folder(tmp_path))

    packed = library.answer(library.version, "app.css", may_pack=True)
    font = library.answer(library.version, "vendor/inter.woff2", may_pack=True)

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in font.headers
    assert font.media_type == "font/woff2"


@pytest.mark.parametrize("name", ["../secret", "vendor/", "nothing.css", "/etc/passwd"])
def test_a_path_that_is_no_file_of_ours_is_not_found(tmp_path: Path, name: str) -> None:
    library = StaticLibrary(_folder(tmp_path))

    assert library.answer(library.version, name, may_pack=True).status_code == 404


def test_a_template_that_names_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        StaticLibrary(_folder(tmp_path)).url("nothing.css")


def test_files_that_were_never_fetched_are_told_of_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"run `python -m caregiver_ui\.assets` first"):
        StaticLibrary(tmp_path)


def test_a_bundle_holds_its_files_in_order_without_comments_and_without_what_nothing_reads(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "/* why */b{color:var(--read)}")
    (folder / DESIGN).write_text('a{--unread:"x;y";--read:red;--only-for-unread:1}', encoding="utf-8")
    (folder / "live.js").write_text('// why\nfetch("https://a");\n', encoding="utf-8")
    library = StaticLibrary(folder)

    assert library.text("first.css").split() == ["a{--read:red;}", "b{color:var(--read)}"]
    assert library.text("first.js").endswith('\nfetch("https://a");\n')
