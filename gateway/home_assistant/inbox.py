"""What comes from a home's own Home Assistant goes the way of all that is heard."""

from collections.abc import Callable
from typing import Final

from gateway.ble.advertisement import Advertisement
from gateway.contract.clock import Clock
from gateway.contract.heartbeat import Trouble
from gateway.hearing import Hearing
from gateway.home import Home
from gateway.home_assistant.source import LONGEST, Entity, read_packet, sighting
from gateway.sensors.reading import UndecodableAdvertisementError
from gateway.troubles import Troubles


class Inbox:
    """Takes packets, and the states of the entities that stand for sensors of the home.

    Args:
        states: the topic where Home Assistant's mqtt_statestream begins.
        home: says which entity stands for which sensor.
        hearing: takes what was measured.
        overhear: takes a packet somebody else's radio heard.
        clock: the home's.
        troubles: counts what cannot be read.
    """

    def __init__(
        self,
        states: str,
        home: Home,
        hearing: Hearing,
        overhear: Callable[[Advertisement], None],
        clock: Clock,
        troubles: Troubles,
    ) -> None:
        self._states: Final = states
        self._home = home
        self._hearing = hearing
        self._overhear = overhear
        self._clock = clock
        self._troubles = troubles
        self._entities: dict[str, Entity] = {}

    def forget(self) -> None:
        """Begin anew with a new connection: the broker then tells first what it has kept."""
        self._entities = {}

    def take_config(self) -> list[str]:
        """Look which entities stand for sensors now; return the topics that were not listened to before."""
        wanted = {
            f"{self._states}/{entity_id.replace('.', '/')}/state": Entity(entity_id, sensor.sensor_id, kind)
            for sensor in self._home.sensors
            for entity_id, kind in sensor.home_assistant_entities.items()
        }
        before = self._entities
        self._entities = {
            topic: before[topic] if topic in before and before[topic].means_the_same(entity) else entity
            for topic, entity in wanted.items()
        }
        return [topic for topic in wanted if topic not in before]

    def take(self, topic: str, payload: bytes, *, is_kept: bool) -> None:
        """Take a message. `is_kept`: the broker had it from before. Whatever is in it, nothing is raised."""
        entity = self._entities.get(topic)
        try:
            if len(payload) > LONGEST:
                self._troubles.count(Trouble.UNDECODABLE)
            elif entity is not None:
                self._take_state(entity, payload, is_kept=is_kept)
            elif not is_kept:  # a packet that was kept is an old one
                self._take_packet(payload)
        except UndecodableAdvertisementError:
            self._troubles.count(Trouble.UNDECODABLE)

    def _take_state(self, entity: Entity, payload: bytes, *, is_kept: bool) -> None:
        if is_kept:
            entity.note(payload)
            return
        now = self._clock.now()
        reading = entity.read(payload, now)
        if reading is not None:
            self._hearing.believe(reading, sighting(entity.sensor_id, now))

    def _take_packet(self, payload: bytes) -> None:
        packet = read_packet(payload, self._clock.now())
        if packet.service_data or packet.manufacturer_data:
            self._overhear(packet)
        elif self._home.has(packet.sensor_id):
            raise UndecodableAdvertisementError("only what was decoded of it was passed on")
