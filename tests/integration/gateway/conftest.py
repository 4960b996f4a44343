"""A world for a gateway."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from gateway_world import World


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Everything around a gateway; the broker is not started yet."""
    world = World(tmp_path)
    async with world.server.running():
        yield world
    await world.broker.kill()
