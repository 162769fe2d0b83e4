"""The times of a record beside the local ones: in the laboratory's zone, else in that of this computer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_RECORDED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)")


def local_times(value: Any, zone: str = "") -> dict[str, Any]:
    """`said`: whose local time it is, in a sentence; `written`: each time of a record that stands anywhere in
    plain values, as a report writes it: "2026-12-01 12:44:21 UTC (13:44:21 +01:00)". `zone` as the IANA names
    it; without one it is that of this computer."""
    where: tzinfo | None = ZoneInfo(zone) if zone else None
    times = sorted({text for text in _texts(value) if _RECORDED.fullmatch(text)})
    return {"said": _said(zone), "written": {time: written(time, where) for time in times}}


def zone_of(words: Mapping[str, Any]) -> str:
    """The zone that a laboratory names, empty where it names none that is known here."""
    name = words.get("zone", "")
    try:
        return ZoneInfo(name).key if isinstance(name, str) and name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ""


def written(time: str, zone: tzinfo | None) -> str:
    """One time in UTC, and where that differs in the zone (this computer's where it is None)."""
    utc = datetime.fromisoformat(time).astimezone(UTC)
    local = utc.astimezone(zone)
    said = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    if not local.utcoffset():
        return said
    day = "" if local.date() == utc.date() else f"{local:%Y-%m-%d} "
    offset = f"{local:%z}"
    return f"{said} ({day}{local:%H:%M:%S} {offset[:3]}:{offset[3:5]})"


def _said(zone: str) -> str:
    if zone:
        return f"Times are UTC; in brackets the local time of {zone}, the laboratory's zone, with its offset."
    return (
        "Times are UTC; in brackets the local time of the computer that made this report, with its offset, "
        "where that differs: the laboratory names no zone."
    )


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)
