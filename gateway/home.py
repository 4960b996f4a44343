"""Which sensors belong to this home: as the server last said, remembered over a restart without a network."""

import asyncio
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway.contract.codec import ContractError, from_json, to_json
from gateway.contract.heartbeat import Trouble
from gateway.contract.home_config import HomeConfig, SensorConfig
from gateway.troubles import Troubles

_LOGGER = logging.getLogger(__name__)
_FILE: Final = "home.json"
_OWNER_ONLY: Final = 0o600  # it holds the sensors' keys


class Home:
    """The home's configuration. A newer version replaces an older one at once; a bad one is counted and ignored."""

    def __init__(self, folder: Path, gateway_id: str, troubles: Troubles) -> None:
        self._path = folder / _FILE
        self._gateway_id = gateway_id
        self._troubles = troubles
        self._version = 0
        self._mark: str | None = None
        self._sensors: dict[str, SensorConfig] = {}
        self._known = asyncio.Event()
        self.on_change: Callable[[], None] = _nobody_asks
        if self._path.exists():
            config = self._read(self._path.read_bytes())
            if config is not None:
                self._use(config)

    @property
    def version(self) -> int:
        """The configuration in use; 0 when there is none yet."""
        return self._version

    @property
    def mark(self) -> str | None:
        """The mark of the configuration in use; None where it has none."""
        return self._mark

    @property
    def sensors(self) -> tuple[SensorConfig, ...]:
        """All sensors of this home."""
        return tuple(self._sensors.values())

    def sensor(self, sensor_id: str) -> SensorConfig | None:
        """Return the sensor, None when it is not one of this home's."""
        return self._sensors.get(sensor_id)

    def has(self, sensor_id: str) -> bool:
        """Tell whether a sensor is one of this home's."""
        return sensor_id in self._sensors

    async def known(self) -> None:
        """Wait until there is a configuration at all: before that nothing heard could be given a room."""
        await self._known.wait()

    def take(self, payload: bytes) -> None:
        """Take a configuration as it came from the server.

        One that is not newer and yet another one is counted and left: it may be an old one that a second broker has
        kept. The server sees in the next heartbeat that ours is not its own, and gives its own a higher version.
        """
        config = self._read(payload)
        if config is None:
            return
        if config.version <= self._version:
            if (config.version, config.mark) != (self._version, self._mark):
                self._troubles.count(Trouble.OLD_CONFIG)
            return
        self._use(config)
        try:
            self._keep(config)
        except OSError as fault:  # it comes again at the next connection; the home is heard meanwhile
            _LOGGER.warning("the configuration cannot be kept on disk: %s", fault.strerror)
        _LOGGER.info("configuration %d: %d sensors", config.version, len(config.sensors))

    def _read(self, payload: bytes) -> HomeConfig | None:
        try:
            return self._checked(payload)
        except ContractError as fault:
            self._troubles.count(Trouble.BAD_CONFIG)
            _LOGGER.warning("a configuration cannot be used (%s); the last good one stays", fault)
            return None

    def _checked(self, payload: bytes) -> HomeConfig:
        config = from_json(HomeConfig, payload)
        if config.gateway_id != self._gateway_id:
            raise ContractError("gateway_id: it is another gateway's")
        return config

    def _use(self, config: HomeConfig) -> None:
        self._version, self._mark = config.version, config.mark
        self._sensors = {sensor.sensor_id: sensor for sensor in config.sensors}
        self._known.set()
        self.on_change()

    def _keep(self, config: HomeConfig) -> None:
        """Write it whole or not at all."""
        unfinished = self._path.with_suffix(".new")
        file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
        with os.fdopen(file, "wb") as stream:
            stream.write(to_json(config))
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(self._path)


def _nobody_asks() -> None:
    pass
