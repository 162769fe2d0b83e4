"""Batches of the page: which folders are read, who sees what, and what is withheld."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import Mode
from examiner.folders.into_casebook import withheld_photographs
from examiner.folders.results.file import rows_in
from examiner.folders.results.row import SeriesResult, row_of
from examiner.folders.series import Options, Series, series_in
from examiner.page.batch.batches import BatchError, Batches
from examiner.page.uploads import Incoming
from examiner.validation.table import released_only
from pipelines.types import Candidate, LineProposal, PhotoEntry, Position, Proposal, as_quad
from tests.examiner.page.batch.photographs import HOSTILE, picture


def ended(batches: Batches, owner: str, batch: str) -> Any:
    return list(batches.follow(owner, batch))[-1]


def test_only_folders_of_the_archive_are_named_and_read(batches: Batches, tmp_path: Path) -> None:
    assert batches.folders() == [".", "case 7", "case 10"]
    for folder in ("..", "../secret", "out", str(tmp_path / "secret"), "nowhere", "case 7/0.png", "a\0b"):
        with pytest.raises(BatchError):
            batches.begin_folder("eva", folder, True)


def test_without_an_archive_only_uploads_are_read(tmp_path: Path) -> None:
    made = Batches(tmp_path / "room", None, released_only)
    assert made.folders() == []
    with pytest.raises(BatchError, match="without a folder"):
        made.begin_folder("eva", ".", True)


def test_a_batch_is_read_to_its_end_and_only_its_owner_sees_it(batches: Batches, tmp_path: Path) -> None:
    batch = batches.begin_folder("eva", ".", True)
    assert ended(batches, "eva", batch).state == "done"
    seen = batches.view("eva", batch, {})
    assert (seen["done"], seen["total"], seen["failed"]) == (4, 4, 1)
    assert sorted(row["series"] for row in seen["rows"]) == sorted(["0.png", "1.png", "cut.png", HOSTILE])
    assert [row["picture"][:10] for row in seen["rows"]].count("data:image") == 3
    assert any("out" in notice for notice in seen["notices"])
    folder = tmp_path / "room" / batch
    assert len(list(rows_in(folder / "results.jsonl"))) == 4 and (folder / "index.html").is_file()
    for stranger in (lambda: batches.view("ion", batch, {}), lambda: batches.stop("ion", batch)):
        with pytest.raises(BatchError):
            stranger()


def test_uploads_of_one_name_are_all_read(batches: Batches, tmp_path: Path) -> None:
    sent = [Incoming(picture(tmp_path / "cache" / str(n) / "x", n), "../a.png") for n in range(2)]
    batch = batches.begin_uploaded("eva", sent, True)
    assert ended(batches, "eva", batch).state == "done"
    names = {row["series"] for row in batches.view("eva", batch, {})["rows"]}
    assert len(names) == 2 and all(name.endswith("a.png") for name in names)
    assert {path.parent for path in (tmp_path / "room").rglob("*.png")} == {
        tmp_path / "room" / batch / "uploaded"
    }


def test_whatever_the_browser_asks_there_is_a_view(batches: Batches) -> None:
    batch = batches.begin_folder("eva", "case 10", False)
    ended(batches, "eva", batch)
    for look in ({"page": 10**9}, {"page": -1}, {"page": "x"}, {"order": {"a": 1}}):
        assert len(batches.view("eva", batch, look)["rows"]) == 1


@pytest.mark.usefixtures("batches")
def test_nothing_is_shown_of_a_photograph_that_somebody_still_reads_alone(
    archive: Path, tmp_path: Path
) -> None:
    photo = archive / "case 7" / "0.png"
    with Casebook(tmp_path / "casebook") as casebook:
        casebook.begin(Mode.TRAINING, [archive / "case 7" / "1.png"], "eva", "training")
        assert withheld_photographs(casebook) == frozenset()
        casebook.begin(Mode.CASEWORK, [photo], "eva", "case")
        held = withheld_photographs(casebook)
    assert held == {hashlib.sha256(photo.read_bytes()).hexdigest()}
    made = Batches(tmp_path / "room", archive, released_only, withheld=lambda: held)
    every = series_in([archive], True, Options())
    rows = tuple(row_of(SeriesResult(read_as_secret(series, Options()), "key")) for series in every)
    batch = made.begin_folder("eva", "case 7", True)
    list(made.follow("eva", batch))
    made._batches[batch].now(rows=rows)
    views = [made.view("eva", batch, {"order": order}) for order in ("doubt", "sure", "given")]
    for seen in views:
        (row,) = (row for row in seen["rows"] if row["series"] == "0.png")
        assert (row["state"], row["text"], row["best"], row["sure"], row["lines"]) == (
            "withheld",
            "",
            "",
            0.0,
            0,
        )
        assert (row["picture"], row["line"], seen["overview"]) == ("", "", "")
        assert json.dumps(seen).count("Q7") == 2 * (len(rows) - 1)


def read_as_secret(series: Series, _options: Options) -> Proposal:
    quad = as_quad([(1, 1), (9, 1), (9, 5), (1, 5)])
    path = Path(series.sources[0][0].path)
    positions = tuple(Position((Candidate(glyph, 0.9),), quad, "proposed") for glyph in "Q7")
    line = LineProposal("Q7", "Q7", 0, quad, positions, readings=(("Q7", 0.8),))
    entry = PhotoEntry(str(path), hashlib.sha256(path.read_bytes()).hexdigest())
    return Proposal(series.name, (entry,), (line,), {"general": "ok"}, 0.1)
