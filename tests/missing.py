"""What a test needs and this machine has not."""

import os
from typing import NoReturn

import pytest


def lacks(reason: str) -> NoReturn:
    """End the test: at a desk it is skipped; in CI, where `make test` installs everything, it has failed."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
