"""How a command writes: lines on standard output, and files that are whole or not there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO


def standard_output() -> TextIO:
    """Standard output in UTF-8, whatever the locale says.

    Bytes of a name that are not UTF-8 cannot be written; as \\udc80… they are JSON, and can be read back.
    """
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    return sys.stdout


@contextmanager
def new_file(path: Path, replaces: bool = False) -> Iterator[BinaryIO]:
    """A file for what is given out; where making it fails, nothing is left of it.

    With `replaces` a file of that name is replaced once the new one is whole. Raises OSError, FileExistsError
    among them, before anything is recorded.
    """
    written = path.with_name(f".{path.name}.{os.getpid()}.part") if replaces else path
    with written.open("xb") as file:
        try:
            yield file
            file.flush()
        except BaseException:
            written.unlink(missing_ok=True)
            raise
    if replaces:
        written.replace(path)
