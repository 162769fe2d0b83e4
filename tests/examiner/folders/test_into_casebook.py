"""Chosen series of a batch into a casebook: their photographs, never a reading."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from typer.testing import CliRunner

from examiner.casebook.casebook import Casebook
from examiner.cli import application
from examiner.examination.acts import Mode, Phase
from examiner.folders.into_casebook import CHOSEN
from examiner.folders.results.file import results_to
from examiner.folders.results.row import SeriesResult
from pipelines.photographs.file_checks import file_sha256
from pipelines.types import Candidate, Failure, LineProposal, PhotoEntry, Position, Proposal, as_quad

FRAME = Path(str(files("sample_images") / "01_intact_stamped" / "frame_01.jpg"))
SECRET = "ЖЮЯ 77"
QUAD = as_quad([(0, 0), (9, 0), (9, 5), (0, 5)])


@pytest.fixture
def results(tmp_path: Path) -> Path:
    photos = []
    for name in ("a.jpg", "b.jpg"):
        path = tmp_path / "archive" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(FRAME.read_bytes() + name.encode())
        photos.append(PhotoEntry(str(path), file_sha256(path)))
    cut = PhotoEntry(str(tmp_path / "archive" / "cut.jpg"), None, Failure("truncated", "cut.jpg: is cut"))
    positions = tuple(Position((Candidate(glyph, 0.9),), QUAD, "proposed") for glyph in SECRET)
    line = LineProposal(SECRET, SECRET, 0, QUAD, positions)
    out = tmp_path / "results.jsonl"
    with results_to(out, False) as written:
        for name, entries in (("one", [photos[0], cut]), ("two", photos), ("none", [cut])):
            written.write(SeriesResult(Proposal(name, tuple(entries), (line,), {}, 1.0), "key"))
    return out


def run(results: Path, casebook: Path, *more: str):
    arguments = ["import", str(results), "--casebook", str(casebook), *more]
    return CliRunner().invoke(application, arguments)


def test_only_the_photographs_that_were_read_go_in_and_nothing_of_the_proposal(results, tmp_path):
    done = run(results, tmp_path / "casebook", "--series", "one", "--series", "two")
    assert done.exit_code == 0, done.stderr
    with Casebook(tmp_path / "casebook") as casebook:
        entries = {entry.title: entry for entry in casebook.examinations()}
        assert {title: (e.mode, e.phase) for title, e in entries.items()} == {
            "one": (Mode.CASEWORK, Phase.OBSERVE),
            "two": (Mode.CASEWORK, Phase.OBSERVE),
        }
        assert [len(casebook.photos(entries[title].id)) for title in ("one", "two")] == [1, 2]
        assert casebook.proposal_in_view(entries["one"].id) is None
        lines = casebook.history(entries["one"].id)
        assert [line.kind for line in lines] == ["begin", "view"]
        assert lines[1].value()["what"] == CHOSEN
        assert lines[1].value()["content"]["series"] == "one"
        assert not casebook.verify()
    assert SECRET not in json.dumps([line.content for line in lines], ensure_ascii=False)
    everything = b"".join(path.read_bytes() for path in (tmp_path / "casebook").glob("casebook.sqlite*"))
    assert SECRET.encode() not in everything and json.dumps(SECRET).encode() not in everything


def test_a_photograph_that_changed_since_is_not_taken_in_and_the_others_are(results, tmp_path):
    (tmp_path / "archive" / "b.jpg").write_bytes(FRAME.read_bytes())
    done = run(results, tmp_path / "casebook", "--series", "two", "--series", "none", "--series", "one")
    assert done.exit_code == 3
    assert "b.jpg: the file changed after the run read it" in done.stderr and "none" in done.stderr
    with Casebook(tmp_path / "casebook") as casebook:
        assert [entry.title for entry in casebook.examinations()] == ["one"]


@pytest.mark.parametrize(
    "wrong",
    [("--series", "three"), ("--series", "one", "--mode", "second"), ()],
    ids=["series", "mode", "none"],
)
def test_wrong_usage_is_code_2_and_begins_nothing(results, tmp_path, wrong):
    assert run(results, tmp_path / "casebook", *wrong).exit_code == 2
    assert not (tmp_path / "casebook").exists()
