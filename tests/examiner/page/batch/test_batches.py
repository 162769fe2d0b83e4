"""Batches of the page: which folders are read, who sees what, and what is withheld."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import cv2
import pytest

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import Mode
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
    with Casebook(tmp_path / "casebook") as casebook:
        made = Batches(tmp_path / "room", None, released_only, casebook)
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


def test_nothing_is_shown_of_a_photograph_that_somebody_still_reads_alone(
    batches: Batches, archive: Path, tmp_path: Path
) -> None:
    """The casework is on a copy that was turned and saved again: the batch's own file has other bytes."""
    photo = tmp_path / "turned.jpg"
    original = cv2.imread(str(archive / "case 7" / "0.png"))
    cv2.imwrite(str(photo), cv2.rotate(original, cv2.ROTATE_90_CLOCKWISE), [cv2.IMWRITE_JPEG_QUALITY, 60])
    batch = batches.begin_folder("eva", "case 7", True)
    ended(batches, "eva", batch)
    every = series_in([archive / "case 7"], True, Options())
    rows = tuple(row_of(SeriesResult(read_as_secret(series, Options()), "key")) for series in every)
    batches._batches[batch].now(rows=rows)
    casebook = batches._casebook
    casebook.begin(Mode.TRAINING, [archive / "case 7" / "1.png"], "ann", "training")
    id = casebook.begin(Mode.CASEWORK, [photo], "ann", "case")
    for order in ("doubt", "sure", "given"):
        seen = batches.view("eva", batch, {"order": order})
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
        assert "ann is reading a photograph of it alone" in json.dumps(seen)
    assert casebook.shown_before(id, "eva") is None
    [line] = [line for line in casebook.every_line() if line.kind == "shown"]
    assert (line.actor, line.value()["what"]) == ("eva", "batch")


def test_who_was_shown_a_batch_is_named_in_the_examination_that_follows(
    batches: Batches, archive: Path
) -> None:
    batch = batches.begin_folder("eva", "case 7", True)
    ended(batches, "eva", batch)
    casebook = batches._casebook
    photo = archive / "case 7" / "0.png"
    before = casebook.examination(casebook.begin(Mode.CASEWORK, [photo], "ann", "case"))
    assert before.informed == ()
    batches.view("eva", batch, {})
    other = archive / "case 7" / "1.png"
    for path in (photo, other):
        informed = casebook.examination(casebook.begin(Mode.CASEWORK, [path], "eva", "case")).informed
        # The first one was withheld while Ann read it.
        expected = [("eva", "batch")] if path == other else []
        assert [(note.person, note.what) for note in informed] == expected


def read_as_secret(series: Series, _options: Options) -> Proposal:
    quad = as_quad([(1, 1), (9, 1), (9, 5), (1, 5)])
    path = Path(series.sources[0][0].path)
    positions = tuple(Position((Candidate(glyph, 0.9),), quad, "proposed") for glyph in "Q7")
    line = LineProposal("Q7", "Q7", 0, quad, positions, readings=(("Q7", 0.8),))
    entry = PhotoEntry(str(path), hashlib.sha256(path.read_bytes()).hexdigest())
    return Proposal(series.name, (entry,), (line,), {"general": "ok"}, 0.1)
