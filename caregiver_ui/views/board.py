"""The wall of a duty room in words: flats and how grave it is in each, read from four metres."""

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from caregiver_ui.language import Speech
from caregiver_ui.words import N_
from server.board.rules import Level
from server.board.tiles import Tile, Wall

_LEVELS = MappingProxyType(
    {
        Level.CRITICAL: (N_("Critical"), "critical"),
        Level.ALERT: (N_("Alert"), "important"),
        Level.UNKNOWN: (N_("Not known"), "unknown"),
        Level.TECHNICAL: (N_("Technical"), "technical"),
        Level.WELL: ("", "normal"),
    }
)


@dataclass(frozen=True, slots=True)
class TileWords:
    """A tile. `icon`: the shape of its level; `who`: who has it, empty where nobody need."""

    flat: str
    level: Level
    word: str
    icon: str
    who: str
    since: str


@dataclass(frozen=True, slots=True)
class WallPage:
    """The wall. `calls`: what takes the screen; `sounds`: something critical that nobody has."""

    unit: str
    clock: str
    day: str
    sentence: str
    calls: tuple[TileWords, ...]
    tiles: tuple[TileWords, ...]
    sounds: bool
    is_well: bool


def wall_page(speech: Speech, wall: Wall, now: datetime) -> WallPage:
    """Return the wall in words."""
    zone = ZoneInfo(wall.time_zone)
    calls = wall.calls
    clock = speech.clock(now, zone)
    return WallPage(
        unit=wall.unit_name,
        clock=clock,
        day=speech.long_day(now.astimezone(zone).date()),
        sentence=_sentence(speech, wall, clock),
        calls=tuple(_tile(speech, tile, zone, now) for tile in calls),
        tiles=tuple(_tile(speech, tile, zone, now) for tile in wall.tiles if tile.flat),
        sounds=any(tile.level is Level.CRITICAL and not tile.taken_by for tile in calls),
        is_well=bool(wall.tiles) and all(tile.level is Level.WELL for tile in wall.tiles),
    )


def _sentence(speech: Speech, wall: Wall, clock: str) -> str:
    """Say how it is: all is well only where all of it is known."""
    waiting = sum(not tile.taken_by for tile in wall.calls)
    if waiting:
        text = speech.ngettext("{n} flat needs somebody.", "{n} flats need somebody.", waiting)
        return text.format(n=waiting)
    if wall.calls:
        return speech.gettext("Somebody is seeing to it.")
    unknown = sum(tile.level is Level.UNKNOWN for tile in wall.tiles)
    if not wall.tiles:
        return speech.gettext("No flats are set up in this unit yet.")
    if unknown:
        text = speech.ngettext("We do not know {n} flat right now.", "We do not know {n} flats right now.", unknown)
        return text.format(n=unknown)
    if any(tile.level is Level.TECHNICAL for tile in wall.tiles):
        return speech.gettext("Nobody calls. A device wants something.")
    return speech.gettext("All is well, updated {clock}.").format(clock=clock)


def _tile(speech: Speech, tile: Tile, zone: ZoneInfo, now: datetime) -> TileWords:
    word, icon = _LEVELS[tile.level]
    who = ""
    if tile.level in {Level.CRITICAL, Level.ALERT}:
        who = speech.gettext("Nobody has it")
        if tile.taken_by:
            text = speech.gettext("{name} is there") if tile.is_there else speech.gettext("{name} has it")
            who = text.format(name=tile.taken_by)
    since = "" if tile.since is None else f"{speech.clock(tile.since, zone)} · {speech.ago(tile.since, now)}"
    words = speech.gettext(word) if word else ""
    return TileWords(tile.flat or speech.gettext("Common"), tile.level, words, icon, who, since)
