"""In which line of a JSON text something stands."""

import json
import re
from collections.abc import Sequence

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def line_of(text: str, steps: Sequence[int | str]) -> int:
    """Return the line, from 1, of what `steps` (keys and places) lead to; as far as they lead, where some is missing.

    `text` need not be whole: it is read as far as its brackets tell.
    """
    path: list[int | str | None] = []  # of an object that awaits its next key the last is None
    nearest, line = 0, 1
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word == "," and path:
            path[-1] = path[-1] + 1 if isinstance(path[-1], int) else None
            continue
        if word in {"}", "]"}:
            del path[-1:]
            continue
        if path and path[-1] is None:
            path[-1] = json.loads(word) if word.startswith('"') else word
        if len(path) > nearest and path == list(steps[: len(path)]):
            nearest, line = len(path), text.count("\n", 0, token.start()) + 1
        if word in {"{", "["}:
            path.append(None if word == "{" else 0)
    return line
