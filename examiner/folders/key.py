"""The key by which a later run recognises a series: a hash of its files, the options and the versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from examiner.casebook.versions import PROGRAM, reader_versions
from examiner.folders.series import Options, Series
from pipelines.errors import PhotoError
from pipelines.photographs.file_checks import file_sha256
from pipelines.propose import Source

FORMAT = 1
"""Version of what a result holds; a result of another version is read again."""


def file_hashes(series: Series) -> dict[str, str]:
    """SHA-256 of each file by its path; for a file that cannot be read, the reason in brackets."""
    paths = {str(source.path) for sources in series.sources for source in sources}
    return {path: _hash(Path(path)) for path in sorted(paths)}


def _hash(path: Path) -> str:
    try:
        return file_sha256(path)
    except PhotoError as error:
        return f"({error.kind})"


def _source_parts(source: Source, sha256: str) -> list[object]:
    parts: list[object] = [sha256, source.region, source.rotate_cw, source.frame_time_s]
    # Only where they are said, so that other series are known by the keys they had before.
    if source.band is not None:
        parts = [*parts, source.band.quad, source.band.places]
    if source.picture is not None:
        parts = [*parts, {"picture": source.picture}]
    return parts if source.mirrored is None else [*parts, "mirrored" if source.mirrored else "not mirrored"]


def key_of(series: Series, options: Options, hashes: Mapping[str, str]) -> str:
    """SHA-256, in hexadecimal digits, of all that the proposal of a series depends on. Of its files this is
    the content and the order, not the paths."""
    parts: dict[str, object] = {
        "format": FORMAT,
        "program": PROGRAM,
        "versions": dict(reader_versions()),
        "readers": options.readers,
        "alphabet": options.alphabet,
        "error": None if series.error is None else [series.error.kind, series.error.message],
        "sources": [
            [_source_parts(source, hashes[str(source.path)]) for source in sources]
            for sources in series.sources
        ],
        "by_hand": [[list(pair), matrix.tolist()] for pair, matrix in sorted(series.by_hand.items())],
    }
    if options.damaged:
        parts["damaged"] = "read"
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
