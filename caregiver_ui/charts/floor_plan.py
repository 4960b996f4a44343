"""A simulated home from above: rooms, doors, furniture, sensors that light up, and who is where.

One unit of the picture is a centimetre. Nothing needs a style attribute: the strict content policy would refuse one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from server.simulations.messages import Being, BeingKind, Door, HomePlan, HungSensor, Place, Room

_CM = 100
_MARGIN = 30
_DOORWAY = 90
_TOUCHES_M = 0.2  # a door this near to a room's side is in that wall
# Labels are this share of the picture's width, so that they can be read on a phone; the style sheet makes them smaller
# where there is room.
_LABEL_SHARE = 0.043
_LETTER_SHARE = 0.56  # of the size of text: how wide a letter is
_CLEAR = 18  # centimetres about a thing
_APART = 46  # beings in the same place stand beside each other
_LIES = "lying_on_floor"

# Furniture by name: width and depth in centimetres, and how round its corners are.
_FURNITURE: Mapping[str, tuple[int, int, int]] = {
    "bed": (95, 190, 14), "guest_bed": (95, 190, 14), "sofa": (80, 180, 22), "chair": (72, 72, 26),
    "table": (110, 80, 40), "stove": (58, 58, 4), "fridge": (58, 58, 8), "kettle": (24, 24, 12), "toilet": (38, 56, 19),
    "basin": (50, 38, 14), "shower": (82, 82, 6),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """What is drawn over a plan: `lit` are sensors that spoke just now, `names` what rooms are called."""

    beings: Sequence[Being]
    lit: frozenset[str]
    names: Mapping[str, str]
    initials: Mapping[str, str]


def draw_floor_plan(plan: HomePlan, shown: Shown, *, prefix: str = "") -> Markup:
    """Draw a home. Screen readers pass by: a sentence and a table beside it say the same.

    `prefix` keeps the names of two plans on one page apart.
    """
    frame = _Frame(plan)
    taken = {being.room for being in shown.beings if being.kind is not BeingKind.PET}
    alarm = {being.room for being in shown.beings if being.doing == _LIES}
    parts = [
        *(_room(frame, room, is_taken=room.name in taken, is_alarm=room.name in alarm) for room in plan.rooms),
        *(_walls(frame, room) for room in plan.rooms),
        *(_door(frame, door, plan.rooms) for door in plan.doors),
        *(_piece(frame, one, plan.rooms) for one in plan.furniture if one.name in _FURNITURE),
        *(_label(frame, room, shown.names.get(room.name, room.name), plan) for room in plan.rooms),
        *(_sensor(frame, one, is_lit=one.name in shown.lit, prefix=prefix) for one in plan.sensors),
        *_beings(frame, shown, prefix),
    ]
    group = Markup('<g font-size="{:.0f}">{}</g>').format(frame.width * _LABEL_SHARE, Markup("").join(parts))
    picture = Markup('<svg class="floor" aria-hidden="true" viewBox="0 0 {} {}">{}</svg>')
    return picture.format(frame.width, frame.height, group)


class _Frame:
    """Turns metres with y to the north into centimetres with y downwards."""

    def __init__(self, plan: HomePlan) -> None:
        self._left = min(room.left for room in plan.rooms)
        self._top = max(room.bottom + room.depth for room in plan.rooms)
        right = max(room.left + room.width for room in plan.rooms)
        bottom = min(room.bottom for room in plan.rooms)
        self.width = round((right - self._left) * _CM) + 2 * _MARGIN
        self.height = round((self._top - bottom) * _CM) + 2 * _MARGIN

    def x(self, metres: float) -> int:
        return round((metres - self._left) * _CM) + _MARGIN

    def y(self, metres: float) -> int:
        return round((self._top - metres) * _CM) + _MARGIN

    def box(self, room: Room) -> tuple[int, int, int, int]:
        return (
            self.x(room.left), self.y(room.bottom + room.depth), round(room.width * _CM), round(room.depth * _CM),
        )  # fmt: skip


def _room(frame: _Frame, room: Room, *, is_taken: bool, is_alarm: bool) -> Markup:
    state = "alarm" if is_alarm else "taken" if is_taken else "still"
    return Markup('<rect class="floor-room" data-is="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        state, *frame.box(room)
    )


def _walls(frame: _Frame, room: Room) -> Markup:
    return Markup('<rect class="floor-wall" x="{}" y="{}" width="{}" height="{}"/>').format(*frame.box(room))


def _label(frame: _Frame, room: Room, name: str, plan: HomePlan) -> Markup:
    """Write a room's name into the corner where the least is in its way."""
    left, top, wide, deep = frame.box(room)
    size = frame.width * _LABEL_SHARE
    long, tall = len(name) * size * _LETTER_SHARE + size, size * 1.8
    things = [(frame.x(one.x), frame.y(one.y)) for one in (*plan.sensors, *plan.furniture)]

    def in_the_way(corner: tuple[bool, bool]) -> int:
        x, y = left + (wide - long if corner[0] else 0), top + (deep - tall if corner[1] else 0)
        return sum(x - _CLEAR < a < x + long + _CLEAR and y - _CLEAR < b < y + tall + _CLEAR for a, b in things)

    to_right, to_bottom = min(((False, False), (False, True), (True, False), (True, True)), key=in_the_way)
    text = Markup('<text class="floor-label" x="{}" y="{}" dx="{}em" dy="{}em" text-anchor="{}">{}</text>')
    return text.format(
        left + wide if to_right else left, top + deep if to_bottom else top, -0.5 if to_right else 0.5,
        -0.55 if to_bottom else 1.35, "end" if to_right else "start", name,
    )  # fmt: skip


def _door(frame: _Frame, door: Door, rooms: Sequence[Room]) -> Markup:
    """Draw the opening in the wall; a door that leads out has a leaf that stands ajar."""
    x, y, half = frame.x(door.x), frame.y(door.y), _DOORWAY // 2
    is_upright = any(
        min(abs(door.x - room.left), abs(door.x - room.left - room.width)) < _TOUCHES_M
        and room.bottom <= door.y <= room.bottom + room.depth
        for room in rooms
    )
    across, along = (0, half) if is_upright else (half, 0)
    gap = Markup('<path class="floor-gap" d="M{} {}L{} {}"/>').format(x - across, y - along, x + across, y + along)
    if not door.is_outer:
        return gap
    leaf = Markup('<path class="floor-leaf" d="M{} {}l{} {}"/>')
    return gap + leaf.format(x - across, y - along, *((-34, 76) if is_upright else (76, 34)))


def _piece(frame: _Frame, piece: Place, rooms: Sequence[Room]) -> Markup:
    """Draw a piece of furniture, pushed inside the walls of its room."""
    width, depth, round_ = _FURNITURE[piece.name]
    x, y = frame.x(piece.x) - width // 2, frame.y(piece.y) - depth // 2
    for room in rooms:
        left, top, wide, deep = frame.box(room)
        if left <= frame.x(piece.x) <= left + wide and top <= frame.y(piece.y) <= top + deep:
            x = max(left + 10, min(x, left + wide - width - 10))
            y = max(top + 10, min(y, top + deep - depth - 10))
    body = Markup('<rect class="floor-piece" x="{}" y="{}" width="{}" height="{}" rx="{}"/>')
    drawn = body.format(x, y, width, depth, round_)
    if piece.name.endswith("bed"):
        drawn += body.format(x + 16, y + 12, width - 32, 36, 10)
    return drawn


_DOOR_MARK = Markup('<path class="floor-mark" d="M0-13L13 0L0 13L-13 0Z"/>')
_CALL_MARK = Markup('<rect class="floor-mark" x="-12" y="-12" width="24" height="24" rx="5"/>')
_MARK = Markup('<circle class="floor-mark" r="12"/>')
_MARKS = {"door": _DOOR_MARK, **dict.fromkeys(("button", "pull_cord", "fall", "smoke", "water_leak"), _CALL_MARK)}


def _sensor(frame: _Frame, sensor: HungSensor, *, is_lit: bool, prefix: str) -> Markup:
    mark = _MARKS.get(sensor.kinds[0] if sensor.kinds else "", _MARK)
    group = Markup(
        '<g class="floor-sensor" id="{}sensor-{}"{} transform="translate({} {})">'
        '<circle class="floor-halo" r="34"/>{}</g>'
    )
    lit = Markup(" data-lit") if is_lit else ""
    return group.format(prefix, sensor.name, lit, frame.x(sensor.x), frame.y(sensor.y), mark)


def _beings(frame: _Frame, shown: Shown, prefix: str) -> list[Markup]:
    drawn: list[Markup] = []
    places: list[tuple[int, int]] = []
    order = sorted(shown.beings, key=lambda being: being.kind is BeingKind.RESIDENT)  # the resident on top
    for being in order:
        if being.x is None or being.y is None:
            continue
        x, y = frame.x(being.x), frame.y(being.y)
        while any(abs(x - one) < _APART and abs(y - other) < _APART for one, other in places):
            x += _APART
        places.append((x, y))
        body = _lying() if being.doing == _LIES else _standing(being, shown.initials.get(being.name, ""))
        group = Markup('<g class="floor-being" id="{}being-{}" data-kind="{}" transform="translate({} {})">{}</g>')
        drawn.append(group.format(prefix, len(drawn), being.kind, x, y, body))
    return drawn


def _standing(being: Being, initial: str) -> Markup:
    size = 22 if being.kind is BeingKind.PET else 34
    return Markup('<circle class="floor-body" r="{}"/><text class="floor-initial" y="12">{}</text>').format(
        size, initial
    )


def _lying() -> Markup:
    """Draw somebody on the floor: a shape of its own, so that colour is not the only cue."""
    return Markup(
        '<g class="floor-fallen"><circle class="floor-alarm" r="82"/>'
        '<rect class="floor-body" x="-36" y="-20" width="96" height="40" rx="20"/>'
        '<circle class="floor-body" cx="-52" cy="0" r="20"/></g>'
    )
