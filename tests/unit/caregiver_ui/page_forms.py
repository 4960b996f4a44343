"""Reads the forms of a page as a browser does, and fills them in."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_WRITTEN = {"text", "date", "time", "datetime-local", "number", "month", "tel", "email", "password"}


@dataclass
class Form:
    """A form. `chosen`: what it sends when nobody touches it; `written`: what stands where somebody writes.

    `told`: the names of fields that are said to be wrong, and the ids of the words that say why.
    """

    action: str
    chosen: dict[str, list[str]] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    takes_file: bool = False


def forms_of(page: str) -> list[Form]:
    """Return the forms of a page that change something."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._area = self._select = self._option = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form" and told.get("method") == "post":
            self._form = Form(told.get("action", "").partition("#")[0])
            self.forms.append(self._form)
        if self._form is None:
            return
        self._form.told |= set(told.get("aria-describedby", "").split())
        if told.get("aria-invalid") == "true":
            self._form.told.add(told["name"])
        getattr(self, f"_take_{tag}", lambda *_: None)(self._form, told)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in {"textarea", "select"}:
            self._area = self._select = ""

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._area:
            self._form.written[self._area] += data
        elif self._form is not None and self._option:
            self._form.chosen[self._option], self._option = [data], ""

    @staticmethod
    def _take_input(form: Form, told: dict[str, str]) -> None:
        name, kind, value = told.get("name", ""), told.get("type", "text"), told.get("value", "")
        if kind in _WRITTEN:
            form.written[name] = value
        elif kind == "file":
            form.takes_file = True
        elif kind == "hidden" or "checked" in told:
            form.chosen.setdefault(name, []).append(value)

    def _take_textarea(self, form: Form, told: dict[str, str]) -> None:
        self._area = told["name"]
        form.written[self._area] = ""

    def _take_select(self, form: Form, told: dict[str, str]) -> None:
        del form
        self._select = told["name"]

    def _take_option(self, form: Form, told: dict[str, str]) -> None:
        is_chosen = "selected" in told or self._select not in form.chosen
        self._option = self._select if is_chosen else ""
        if "value" in told and self._option:
            form.chosen[self._option], self._option = [told["value"]], ""

    @staticmethod
    def _take_button(form: Form, told: dict[str, str]) -> None:
        if "name" in told:
            form.chosen[told["name"]] = [told.get("value", "")]
