"""A paper as PDF/A-2b, set by Typst. What people wrote reaches it as data, never as Typst code."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from examiner.typesetting.shown_text import showable
from pipelines.errors import ExitCode, MarkingError

PAPERS = {"a4": "a4", "letter": "us-letter"}
"""Sizes of paper as people name them, and as Typst does."""

SHEET = "sheet.typ"
"""The look that all papers share; every template may import it."""


class TypesettingError(MarkingError):
    """A paper that cannot be set."""

    kind = "typesetting"
    exit_code = ExitCode.FAILED


def pdf_a(
    package: str,
    templates: Sequence[str],
    values: Mapping[str, Any],
    pictures: Mapping[str, bytes],
    at: int,
) -> bytes:
    """PDF/A-2b; the same bytes for the same values, pictures, time and version of Typst.

    `templates`: files of `package`, the main one first. It finds the values beside it as NAME.json: every
    text as it can be shown, and in `by_number` the characters that stand by their number. `pictures`: files
    by name. `at`: seconds since 1970, the paper's own date. Raises TypesettingError.
    """
    import typst

    plain, by_number = showable(values)
    with tempfile.TemporaryDirectory(prefix="examiner-paper-") as room:
        folder = Path(room)
        for name, content in pictures.items():
            (folder / name).write_bytes(content)
        data = json.dumps({**plain, "by_number": by_number}, ensure_ascii=False)
        (folder / templates[0]).with_suffix(".json").write_text(data, "utf-8")
        for origin, name in (*((package, name) for name in templates), ("examiner.typesetting", SHEET)):
            (folder / name).write_text((files(origin) / name).read_text("utf-8"), "utf-8")
        try:
            document = typst.compile(
                folder / templates[0], ignore_system_fonts=True, pdf_standards="a-2b", timestamp=at
            )
        except typst.TypstError as error:
            raise TypesettingError(f"{templates[0]} cannot be set: {error}"[:500]) from error
    if not isinstance(document, bytes):
        raise TypesettingError(f"{templates[0]} came out in several files")
    return document
