"""The signed reading as files that the browser can fetch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from examiner.casebook import Casebook
from examiner.export import reading_json
from examiner.export_tables import photographs_csv, reading_csv
from examiner.page.images import address


def downloads(casebook: Casebook, id: str, folder: Path) -> Mapping[str, Mapping[str, str]]:
    """Address and file name of the reading as JSON and as CSV, and of the photographs as CSV."""
    short = id[:8]
    reading = json.dumps(reading_json(casebook, id), ensure_ascii=False, indent=2) + "\n"
    return {
        "json": _file(folder / id, f"reading-{short}.json", reading),
        "csv": _file(folder / id, f"reading-{short}.csv", reading_csv(casebook, id)),
        "photographs": _file(folder / id, f"photographs-{short}.csv", photographs_csv(casebook, id)),
    }


def _file(folder: Path, name: str, text: str) -> Mapping[str, str]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return {"url": address(path), "name": name}
