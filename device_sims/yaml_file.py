"""Reads short YAML files so that every complaint names the file, the line and what was expected there."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import yaml

from device_sims.errors import SimulationError

_Chosen = TypeVar("_Chosen", bound=str)
_LISTED: Final = 12


class YamlFileError(SimulationError):
    """The file cannot be used. The text says where and what would be right."""


@dataclass(frozen=True, slots=True)
class Told:
    """One value of a file and where it stands there."""

    node: yaml.Node
    file: str

    def wrong(self, complaint: str) -> YamlFileError:
        """Return the complaint with the file and the line this value is on."""
        return YamlFileError(f"{self.file}, line {self.node.start_mark.line + 1}: {complaint}")

    def fields(self, known: Collection[str] | None = None, needed: Collection[str] = ()) -> dict[str, "Told"]:
        """Return a mapping's values by name.

        Args:
            known: the names that may stand here; None allows every name.
            needed: those that must.

        Raises:
            YamlFileError: it is no mapping, a name is unknown or said twice, or one is missing.
        """
        if not isinstance(self.node, yaml.MappingNode):
            raise self.wrong(f"expected names with values, such as {_listed(needed or known or ['name'])}")
        found: dict[str, Told] = {}
        for key, value in self.node.value:
            name = Told(key, self.file).text()
            if known is not None and name not in known:
                raise Told(key, self.file).wrong(f"{name!r} is unknown here; expected {_listed(known)}")
            if name in found:
                raise Told(key, self.file).wrong(f"{name!r} is said twice")
            found[name] = Told(value, self.file)
        for name in needed:
            if name not in found:
                raise self.wrong(f"{name!r} is missing")
        return found

    def items(self) -> list["Told"]:
        """Return a list's values.

        Raises:
            YamlFileError: it is no list.
        """
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.wrong("expected a list, such as [motion, light]")
        return [Told(one, self.file) for one in self.node.value]

    def text(self) -> str:
        """Return the words as they stand in the file.

        Raises:
            YamlFileError: it is a list or a mapping.
        """
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.wrong("expected one value")
        return str(self.node.value)

    def one_of(self, known: Collection[_Chosen]) -> _Chosen:
        """Return which of the known words it is.

        Raises:
            YamlFileError: it is none of them.
        """
        said = self.text()
        for one in known:
            if one == said:
                return one
        raise self.wrong(f"{said!r} is unknown; expected {_listed(known)}")

    def number(self, least: float = float("-inf"), most: float = float("inf")) -> float:
        """Return a number.

        Raises:
            YamlFileError: it is none, or not between `least` and `most`.
        """
        try:
            value = float(self.text())
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            span = "" if least == -most else f" from {least:g} to {most:g}"
            raise self.wrong(f"{self.text()!r} is not a number{span}")
        return value

    def numbers(self, count: int) -> tuple[float, ...]:
        """Return a list of that many numbers.

        Raises:
            YamlFileError: it is none.
        """
        found = self.items()
        if len(found) != count:
            raise self.wrong(f"expected {count} numbers, found {len(found)}")
        return tuple(one.number() for one in found)


def read_yaml(file: Path, name: str | None = None) -> Told:
    """Return what a file says.

    Args:
        file: where it is.
        name: how complaints call it; None for its path.

    Raises:
        YamlFileError: it cannot be read, is empty, or is no YAML.
    """
    called = name or str(file)
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise YamlFileError(f"{called}: it cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise YamlFileError(f"{called}: it is not a text file in UTF-8") from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise YamlFileError(f"{called}, line {line}: {error.problem or 'this is no YAML'}") from None
    except yaml.YAMLError as error:
        raise YamlFileError(f"{called}: {error}") from None
    if node is None:
        raise YamlFileError(f"{called}: it is empty")
    return Told(node, called)


def _listed(names: Collection[str]) -> str:
    told = list(map(str, names))
    return ", ".join(told[:_LISTED]) + (" …" if len(told) > _LISTED else "")
