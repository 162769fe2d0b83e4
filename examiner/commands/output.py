"""How a command writes: lines on standard output."""

from __future__ import annotations

import sys
from typing import TextIO


def standard_output() -> TextIO:
    """Standard output in UTF-8, whatever the locale says.

    Bytes of a name that are not UTF-8 cannot be written; as \\udc80… they are JSON, and can be read back.
    """
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    return sys.stdout
