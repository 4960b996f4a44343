"""All faults of one home that show in its own events and signs of life."""

from datetime import tzinfo

from models.minutes import TICK_S
from models.past import local_ticks
from models.technical.findings import Faults
from models.technical.gateways import gateway_faults
from models.technical.sensor_habits import active_ticks
from models.technical.sensors_flapping import flapping_sensors
from models.technical.sensors_silent import silent_sensors
from models.trace import Trace


def home_faults(trace: Trace, zone: tzinfo, now: int | None = None) -> Faults:
    """Return what was wrong with a home's gateway and sensors, each as it could be known by then.

    What is said of a moment does not change by what comes later, so that a home is followed by asking again. `now`:
    seconds since 1970 UTC up to which the time is known; None: the last thing heard.
    """
    if not trace.at.size:
        return gateway_faults(trace, now)
    first, end = int(trace.at[0]) // TICK_S, int(trace.at[-1]) // TICK_S + 1
    local = local_ticks(first, end, zone)
    flapping = flapping_sensors(trace, local, first)
    active = active_ticks(trace, first, end)
    for one in (one for one in flapping.unseen if one.is_fault):
        # What a flapping sensor says tells of nobody, so that the others have missed nothing by it.
        known, until = (moment // TICK_S - first for moment in (one.known_at, one.until or end * TICK_S))
        active[known:until, one.channel] = False
    silent = _apart_from(flapping, silent_sensors(trace.channels, active, local, first))
    return Faults.of((gateway_faults(trace, now), flapping, silent))


def _apart_from(flapping: Faults, silent: Faults) -> Faults:
    """Return the silences without those of sensors that were not silent but not listened to."""

    def is_own(channel: int | None, known_at: int) -> bool:
        spans = (one for one in flapping.unseen if one.channel == channel and one.is_fault)
        return not any(one.known_at <= known_at and (one.until is None or known_at <= one.until) for one in spans)

    return Faults(
        tuple(one for one in silent.technical if is_own(one.channel, one.raised_at)),
        tuple(one for one in silent.unseen if is_own(one.channel, one.known_at)),
    )
