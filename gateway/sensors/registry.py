"""Which families read an advertisement. A new family is one file and one line here."""

from collections import defaultdict
from collections.abc import Mapping

from gateway.ble.advertisement import Advertisement
from gateway.sensors.bthome import BTHOME
from gateway.sensors.family import Family
from gateway.sensors.govee import GOVEE
from gateway.sensors.inkbird import INKBIRD
from gateway.sensors.library import uuid
from gateway.sensors.mibeacon import MIBEACON
from gateway.sensors.qingping import QINGPING
from gateway.sensors.ruuvi import RUUVI
from gateway.sensors.sensorpro import SENSORPRO
from gateway.sensors.sensorpush import SENSORPUSH
from gateway.sensors.thermobeacon import THERMOBEACON
from gateway.sensors.thermopro import THERMOPRO

# Those first whose packets must wake a passive scan even where there is not room for all.
FAMILIES: tuple[Family, ...] = (
    BTHOME,
    MIBEACON,
    QINGPING,
    RUUVI,
    SENSORPRO,
    INKBIRD,
    THERMOBEACON,
    THERMOPRO,
    SENSORPUSH,
    GOVEE,
)

# What a passive scan has to be woken by.
WAKING_SERVICES: tuple[int, ...] = tuple(service for family in FAMILIES for service in family.services)
WAKING_COMPANIES: tuple[int, ...] = tuple(company for family in FAMILIES for company in family.companies)

# Loggers of the parser libraries: they write packets and addresses, and what matters of it is counted.
LIBRARY_LOGGERS: tuple[str, ...] = (
    *("bthome_ble", "xiaomi_ble", "qingping_ble", "ruuvitag_ble", "govee_ble", "inkbird_ble"),
    *("thermopro_ble", "sensorpush_ble", "thermobeacon_ble", "sensorpro_ble"),
)

_NAME_START = 2


def _by_name_start() -> Mapping[str, tuple[tuple[str, Family], ...]]:
    beginnings: dict[str, list[tuple[str, Family]]] = defaultdict(list)
    for family in FAMILIES:
        for name in family.names:
            beginnings[name[:_NAME_START].lower()].append((name.lower(), family))
    return {start: tuple(names) for start, names in beginnings.items()}


_BY_SERVICE = {uuid(service): family for family in FAMILIES for service in family.services}
_BY_COMPANY = {company: family for family in FAMILIES for company in family.companies}
_BY_ADVERTISED = {service: family for family in FAMILIES for service in family.advertised}
_BY_NAME = _by_name_start()
_SERVICES, _COMPANIES, _ADVERTISED = frozenset(_BY_SERVICE), frozenset(_BY_COMPANY), frozenset(_BY_ADVERTISED)


def families_of(advertisement: Advertisement) -> tuple[Family, ...]:
    """Return the families that read it: none for nearly everything in the air.

    More than one where a device speaks several formats: BlueZ hands out what it last heard of each together.
    """
    named = _by_name(advertisement.name) if advertisement.name else ()
    if not named and (
        _SERVICES.isdisjoint(advertisement.service_data)
        and _COMPANIES.isdisjoint(advertisement.manufacturer_data)
        and _ADVERTISED.isdisjoint(advertisement.services)
    ):
        return ()
    found = (
        *(_BY_SERVICE[service] for service in advertisement.service_data if service in _BY_SERVICE),
        *(_BY_COMPANY[company] for company in advertisement.manufacturer_data if company in _BY_COMPANY),
        *(_BY_ADVERTISED[service] for service in advertisement.services if service in _BY_ADVERTISED),
        *named,
    )
    return tuple(family for family in dict.fromkeys(found) if family.claims(advertisement))


def _by_name(name: str) -> tuple[Family, ...]:
    beginnings = _BY_NAME.get(name[:_NAME_START].lower())
    if beginnings is None:
        return ()
    lower = name.lower()
    return tuple(family for beginning, family in beginnings if lower.startswith(beginning))
