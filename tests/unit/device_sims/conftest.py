import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's name; pytest's own are too long for that."""
    folder = Path(tempfile.mkdtemp(prefix="air-"))
    yield folder
    shutil.rmtree(folder)
