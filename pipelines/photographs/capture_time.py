"""When a photograph was taken: its EXIF time with its zone, for order and for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

_TIME = re.compile(r"(\d{4})[:-](\d\d)[:-](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_ZONE = re.compile(r"([+-])(\d\d):(\d\d)")


def capture_time(exif: Mapping[str, str]) -> tuple[str, str]:
    """Time "YYYY:MM:DD HH:MM:SS" as the camera's clock showed it, and zone "+02:00".

    DateTimeOriginal, or DateTimeDigitized where that is the only one. Both "" where there is no time: zeros,
    blanks, what is no date, and the first minute of a year, at which clocks begin that were never set.
    """
    for tag, zone in (
        ("DateTimeOriginal", "OffsetTimeOriginal"),
        ("DateTimeDigitized", "OffsetTimeDigitized"),
    ):
        text = exif.get(tag, "").strip()
        if _parsed(text) is not None:
            said = (exif.get(zone, "") or exif.get("OffsetTime", "")).strip()
            return text, "+00:00" if said == "Z" else said if _ZONE.fullmatch(said) else ""
    return "", ""


def instant(taken: str | None, zone: str = "", part: str = "") -> str:
    """The moment as text that sorts, "YYYY:MM:DD HH:MM:SS.part" in UTC; a time without a zone counts as UTC.

    "" where there is no time, for the end of an order.
    """
    moment = _parsed(taken or "")
    if moment is None:
        return ""
    offset = _ZONE.fullmatch(zone)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3])
        moment -= timedelta(minutes=minutes if offset[1] == "+" else -minutes)
    return moment.strftime("%Y:%m:%d %H:%M:%S") + (f".{part}" if part.isdecimal() else "")


def _parsed(text: str) -> datetime | None:
    match = _TIME.match(text)
    if match is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in match.groups())
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return None if (moment.month, moment.day, moment.hour, moment.minute) == (1, 1, 0, 0) else moment
