"""The words for what is wrong with things and not with people: sensors, gateways, the service itself."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from types import MappingProxyType

from caregiver_ui.channel_words import channel_words
from caregiver_ui.language import Speech
from caregiver_ui.sentences import Figures, Lines, Sentence, at_place, minutes_in, moment_in
from caregiver_ui.words import N_, in_room

_MINUTES_AN_HOUR = 60


def _gateway_silent(speech: Speech, figures: Figures, zone: tzinfo, now: datetime) -> Lines:
    span = speech.span(minutes_in(figures, "minutes", "silent_min"))
    since = moment_in(figures.get("since"))
    text = speech.gettext("Nothing has been heard from the home's gateway for {span}.").format(span=span)
    unknown = speech.gettext("Until it is heard again, we do not know how things are in the home.")
    if since is None:
        return (text, unknown)
    last = speech.gettext("Last heard {moment}.").format(moment=speech.moment(since, zone, now))
    return (text, last, unknown)


def _gateway_deaf(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    span = speech.span(minutes_in(figures, "minutes"))
    return (
        speech.gettext("The gateway answers, but its radio has heard nothing for {span}.").format(span=span),
        speech.gettext("As long as it hears nothing, we do not know how things are in the home."),
    )


def _sensor_silent(speech: Speech, figures: Figures, zone: tzinfo, now: datetime) -> Lines:
    where = in_room(speech, figures.get("room"))
    since = moment_in(figures.get("since"))
    if since is not None:
        text = speech.gettext("Nothing has been heard from a sensor{where} since {moment}.")
        return (text.format(where=where, moment=speech.moment(since, zone, now)),)
    if not figures.get("silent_h"):
        return (speech.gettext("Nothing is heard from a sensor{where}.").format(where=where),)
    span = speech.span(round(float(figures["silent_h"]) * _MINUTES_AN_HOUR))
    text = speech.gettext("Nothing has been heard from a sensor{where} for {span}, though the others were.")
    return (text.format(where=where, span=span),)


def _sensor_flapping(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    n, where = int(figures.get("events") or 0), in_room(speech, figures.get("room"))
    text = speech.ngettext(
        "A sensor{where} reported {n} time in an hour: more than anybody moves. What it says does not count.",
        "A sensor{where} reported {n} times in an hour: more than anybody moves. What it says does not count.",
        n,
    )
    return (text.format(where=where, n=n),)


def _fleet_outage(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    silent, homes = (int(figures.get(name) or 0) for name in ("silent_homes", "homes"))
    text = speech.gettext("{silent} of {homes} homes fell silent at the same time: the fault is not in the home.")
    unknown = speech.gettext("Until it is heard again, we do not know how things are in the home.")
    return text.format(silent=silent, homes=homes), unknown


def _chain_slow(speech: Speech, figures: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    seconds, homes = (int(figures.get(name) or 0) for name in ("seconds", "late_homes"))
    waited = speech.gettext("An alert waited {seconds} s before anybody could be told.").format(seconds=seconds)
    late = speech.ngettext("{n} home is heard of late.", "{n} homes are heard of late.", homes).format(n=homes)
    look = speech.gettext("Look at the list yourself until this is over; it closes by itself.")
    return (waited, *((late,) if homes else ()), look)


def _chain_stalled(speech: Speech, _f: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    moved = speech.gettext("An alert stood still on its way to the next person. It has been sent on now: look at it.")
    return moved, speech.gettext("The service found the fault by itself. Somebody should find out why.")


def _channel_down(speech: Speech, figures: Figures, zone: tzinfo, now: datetime) -> Lines:
    since = moment_in(figures.get("since"))
    text = speech.gettext("{channel}: nobody has been reached by it since {moment}.")
    moment = "–" if since is None else speech.moment(since, zone, now)
    other = speech.gettext("People are told in their other ways meanwhile. Ask whoever runs the service to look at it.")
    return text.format(channel=channel_words(speech, str(figures.get("channel", ""))), moment=moment), other


def _home_unseen(speech: Speech, _f: Figures, _zone: tzinfo, _now: datetime) -> Lines:
    return (speech.gettext("No sensor that could see the resident is heard: we do not know how things are."),)


FAULT_REASONS: Mapping[str, Sentence] = MappingProxyType(
    {
        "gateway_silent": _gateway_silent,
        "gateway_deaf": _gateway_deaf,
        "sensor_silent": _sensor_silent,
        "sensor_flapping": _sensor_flapping,
        "fleet_outage": _fleet_outage,
        "home_unseen": _home_unseen,
        "chain_slow": _chain_slow,
        "chain_stalled": _chain_stalled,
        "channel_down": _channel_down,
        "battery_low": at_place(N_("The battery of a sensor{where} is nearly flat.")),
    }
)
