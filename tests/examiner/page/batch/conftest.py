"""An archive of photographs with hostile names, and the batches of a page over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from examiner.casebook.casebook import Casebook
from examiner.folders.series import Options
from examiner.page.batch.batches import Batches
from examiner.validation.table import released_only
from tests.examiner.page.batch.photographs import HOSTILE, picture


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    for number in range(2):
        picture(folder / "case 7" / f"{number}.png", number)
    (folder / "case 7" / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    picture(folder / "case 10" / HOSTILE, 3)
    picture(tmp_path / "secret" / "a.png", 4)
    (folder / "out").symlink_to(tmp_path / "secret")
    return folder


@pytest.fixture
def batches(tmp_path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Batches]:
    # One reader: what is shown here is the tab, not the readers.
    monkeypatch.setattr("examiner.page.batch.batches.Options", lambda: Options(readers=("general",)))
    with Casebook(tmp_path / "casebook") as casebook:
        made = Batches(tmp_path / "room", archive, released_only, casebook)
        yield made
        made.close()
