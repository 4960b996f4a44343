"""What a room is to the routine, by the names people give it."""

import pytest

from gateway.contract.observation import SensorKind
from models.rooms import EVERYWHERE, ROLES, Role, mask_of, role_of

MOTION, DOOR = SensorKind.MOTION, SensorKind.DOOR


@pytest.mark.parametrize(
    ("kind", "room", "role"),
    [
        (MOTION, "Bedroom", Role.BEDROOM), (MOTION, "soverom 2", Role.BEDROOM), (MOTION, "bad", Role.BATHROOM),
        (MOTION, "WC", Role.BATHROOM), (MOTION, "Kjøkken", Role.KITCHEN), (MOTION, "stue", Role.LIVING),
        (MOTION, "dining-room", Role.LIVING), (MOTION, "gang", Role.HALL), (MOTION, "hallway", Role.HALL),
        (DOOR, "front door", Role.OUTER_DOOR), (DOOR, "ytterdør", Role.OUTER_DOOR), (DOOR, "fridge_door", Role.FRIDGE),
        (MOTION, "bod", Role.OTHER), (MOTION, "", Role.OTHER),
        (SensorKind.BED, "lounge", Role.BEDROOM), (SensorKind.CHAIR, "bedroom", Role.LIVING),
    ],
)  # fmt: skip
def test_a_room_is_known_by_its_name_and_a_bed_is_a_bedroom_anywhere(kind: SensorKind, room: str, role: Role) -> None:
    assert role_of(kind, room) is role


def test_a_mask_holds_each_role_once() -> None:
    assert mask_of(*Role) == EVERYWHERE == 2**ROLES - 1
    assert mask_of(Role.KITCHEN) == 1 << Role.KITCHEN
    assert mask_of() == 0
