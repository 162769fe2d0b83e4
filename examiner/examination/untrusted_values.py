"""Plain values from outside (browser, file), each checked or refused with a ValueError."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

MAX_NUMBER = 2**31 - 1
"""Largest whole number in an act."""

MOST_NUMBERS = 1000
"""Numbers in one list of them."""


def whole_number(value: Any) -> int:
    """A whole number from 0 to MAX_NUMBER; True and 1.0 are none."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"expected a whole number, got {type(value).__name__}")
    if not 0 <= value <= MAX_NUMBER:
        raise ValueError(f"expected a whole number from 0 to {MAX_NUMBER}")
    return value


def listed(value: Any) -> Sequence[Any]:
    """A list or tuple."""
    # A text is a sequence too, of its characters, and would pass unseen.
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"expected a list, got {type(value).__name__}")
    return value


def coordinate(value: Any) -> float:
    """A number of pixels, less than a million."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e6:
        raise ValueError("a coordinate is a number of pixels, not far outside any photograph")
    return float(value)


def sha256(value: Any) -> str:
    """A hash as the record writes it."""
    if not (isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value)):
        raise ValueError("a SHA-256 has 64 hexadecimal digits in lower case")
    return value


def whole_numbers(value: Any) -> tuple[int, ...]:
    """Different whole numbers, at most MOST_NUMBERS."""
    numbers = tuple(whole_number(number) for number in listed(value)[: MOST_NUMBERS + 1])
    if len(numbers) > MOST_NUMBERS or len(set(numbers)) < len(numbers):
        raise ValueError(f"expected at most {MOST_NUMBERS} different numbers")
    return numbers
