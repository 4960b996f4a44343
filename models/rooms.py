"""What a room is to a routine: its role. Homes name their rooms freely; the routine knows eight."""

from enum import IntEnum
from typing import Final

from gateway.contract.observation import SensorKind


class Role(IntEnum):
    """What somebody does where a sensor hangs. The number is the bit that stands for it in a minute."""

    BEDROOM = 0
    BATHROOM = 1
    KITCHEN = 2
    LIVING = 3
    HALL = 4
    OUTER_DOOR = 5
    FRIDGE = 6
    OTHER = 7


ROLES: Final = len(Role)
# The whole minute: no role left out.
EVERYWHERE: Final = (1 << ROLES) - 1

# Parts of names, as people write them in English and Norwegian; the first that fits decides.
_NAMES: Final = (
    (Role.FRIDGE, ("fridge", "freezer", "refrigerator", "kjøleskap", "kjoleskap", "fryser")),
    (Role.BATHROOM, ("bath", "toilet", "shower", "wc", "bad", "toalett", "dusj")),
    (Role.BEDROOM, ("bed", "sove", "sleeping", "seng")),
    (Role.KITCHEN, ("kitchen", "kjøkken", "kjokken", "kettle", "stove", "oven", "komfyr", "pantry")),
    (Role.LIVING, ("lounge", "living", "sitting", "dining", "chair", "sofa", "stue", "stol")),
    (Role.OUTER_DOOR, ("front_door", "back_door", "outer_door", "main_door", "ytterdør", "ytterdor", "entrance_door")),
    (Role.HALL, ("hall", "corridor", "landing", "stair", "entr", "gang", "trapp")),
)


def role_of(kind: SensorKind, room: str) -> Role:
    """Return the role of a sensor of this kind in this room. A bed is a bedroom and a chair a living room anywhere."""
    if kind is SensorKind.BED:
        return Role.BEDROOM
    if kind is SensorKind.CHAIR:
        return Role.LIVING
    name = room.lower().replace("-", "_").replace(" ", "_")
    return next((role for role, parts in _NAMES if any(part in name for part in parts)), Role.OTHER)


def mask_of(*roles: Role) -> int:
    """Return the bits of these roles."""
    return sum(1 << role for role in roles)
