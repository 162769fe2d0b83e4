"""The casebook: originals stay as they are, nothing acknowledged is lost, no proposal comes out too early."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
from pathlib import Path
from threading import Thread

import pytest

from examiner.casebook.casebook import SCHEMA, Casebook, CasebookError, PhotoSource, ProposalChangedError
from examiner.casebook.ledger import LedgerError
from examiner.casebook.originals import OriginalChangedError, place_of
from examiner.casebook.replay import advanced
from examiner.examination.acts import (
    AddedPhoto,
    AddPhotos,
    Amend,
    Conditions,
    Decide,
    DescribePhotos,
    DrawLine,
    Lock,
    Mode,
    Observe,
    OrderError,
    Phase,
    Place,
    Reveal,
    Sign,
    Undo,
)
from pipelines.errors import PhotoEmptyError, PhotoError, PhotoMissingError
from pipelines.types import PhotoEntry
from tests.examiner.drawn import SECRET, UNREADABLE, box, proposal, read

LINE = DrawLine(Place(0, box(0, 40)), 4)


@pytest.fixture
def begun(casebook, photo):
    return casebook.begin(Mode.CASEWORK, [photo], "eva", "Exhibit 1")


def fitting(casebook: Casebook, examination_id: str):
    photos = casebook.photos(examination_id)
    return proposal([box(0), box(10)], tuple(PhotoEntry(p.name, p.sha256) for p in photos))


def lock(casebook: Casebook, examination_id: str) -> None:
    for position in casebook.act(examination_id, LINE, "eva").positions:
        casebook.act(examination_id, Observe(position.id, read()), "eva")
    casebook.act(examination_id, Lock(), "eva")


def tampering(casebook: Casebook, *statements: str) -> None:
    connection = sqlite3.connect(casebook.folder / "casebook.sqlite")
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_users_file_is_only_read(casebook, photo):
    photo.chmod(0o640)
    os.utime(photo, ns=(1_000_000_000, 1_234_567_891))
    before = photo.read_bytes(), photo.stat().st_mtime_ns, mode(photo), photo.stat().st_ino
    names = sorted(path.name for path in photo.parent.iterdir())
    casebook.begin(Mode.CASEWORK, [photo], "eva", "")
    assert (photo.read_bytes(), photo.stat().st_mtime_ns, mode(photo), photo.stat().st_ino) == before
    assert sorted(path.name for path in photo.parent.iterdir()) == names


def test_an_original_is_kept_by_its_hash_under_its_given_name(casebook, photo, begun):
    (stored,) = casebook.photos(begun, check=True)
    assert stored.name == "IMG 1.JPG"
    assert stored.path.relative_to(casebook.folder) == Path(
        "originals", stored.sha256[:2], f"{stored.sha256}.jpg"
    )
    assert stored.path.read_bytes() == photo.read_bytes()
    assert mode(stored.path) == 0o400
    assert stored.path.stat().st_ino != photo.stat().st_ino


def test_an_identical_original_is_kept_once(casebook, photo):
    copy = photo.with_name("copy.jpg")
    copy.write_bytes(photo.read_bytes())
    first = casebook.begin(Mode.CASEWORK, [photo, copy], "eva", "")
    second = casebook.begin(Mode.CASEWORK, [copy], "eva", "")
    stored = [*casebook.photos(first), *casebook.photos(second)]
    assert [p.name for p in stored] == ["IMG 1.JPG", "copy.jpg", "copy.jpg"]
    assert len({p.path for p in stored}) == 1
    files = [path for path in (casebook.folder / "originals").rglob("*") if path.is_file()]
    assert files == [stored[0].path]


def test_frames_of_a_video_share_one_original(casebook, photo):
    frames = [PhotoSource(photo, 0.5), PhotoSource(photo, 1.0), photo]
    stored = casebook.photos(casebook.begin(Mode.CASEWORK, frames, "eva", ""))
    assert [p.frame_time_s for p in stored] == [0.5, 1.0, None]
    assert len({p.path for p in stored}) == 1


def test_a_name_that_is_no_text_is_recorded_with_escapes(casebook, photo):
    try:
        odd = photo.rename(photo.with_name(os.fsdecode(b"odd\xff.jpg")))
    except OSError:
        pytest.skip("this file system takes no such name")
    assert casebook.photos(casebook.begin(Mode.CASEWORK, [odd], "eva", ""))[0].name == "odd\\xff.jpg"


def test_the_folder_is_its_owners_alone(tmp_path, photo):
    before = os.umask(0)
    try:
        with Casebook(tmp_path / "deep" / "book") as casebook:
            stored = casebook.photos(casebook.begin(Mode.CASEWORK, [photo], "eva", ""))[0]
            assert [mode(p) for p in (casebook.folder, stored.path.parent, stored.path)] == [
                0o700,
                0o700,
                0o400,
            ]
            assert {mode(p) for p in casebook.folder.glob("casebook.sqlite*")} == {0o600}
    finally:
        os.umask(before)


def test_nothing_is_begun_where_a_photograph_cannot_be_taken_in(casebook, photo):
    empty = photo.with_name("empty.jpg")
    empty.touch()
    before = casebook.head()
    for bad, error in (
        (photo.with_name("none.jpg"), PhotoMissingError),
        (empty, PhotoEmptyError),
        (photo.parent, PhotoError),
    ):
        with pytest.raises(error):
            casebook.begin(Mode.CASEWORK, [photo, bad], "eva", "")
    with pytest.raises(OrderError):
        casebook.begin(Mode.CASEWORK, [], "eva", "")
    with pytest.raises(LedgerError):
        casebook.begin(Mode.CASEWORK, [photo], " ", "")
    # The one that could be taken in stays, and a line names it; further tries with it say nothing new.
    [line] = casebook.every_line()
    assert (line.kind, line.previous) == ("left_over", before)
    assert [entry["name"] for entry in line.value()["originals"]] == [photo.name]
    assert casebook.examinations() == [] and casebook.verify() == []


def test_a_file_that_is_still_being_written_is_not_taken_in(casebook, photo, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _: photo.write_bytes(photo.read_bytes() + b"more"))
    with pytest.raises(PhotoError, match="changed while it was taken in"):
        casebook.begin(Mode.CASEWORK, [photo], "eva", "")
    assert not any(path.is_file() for path in (casebook.folder / "originals").rglob("*"))
    assert casebook.examinations() == []


def test_a_changed_or_missing_original_is_found(casebook, photo, begun):
    (stored,) = casebook.photos(begun)
    stored.path.chmod(0o600)
    stored.path.write_bytes(b"x" + photo.read_bytes()[1:])
    with pytest.raises(OriginalChangedError, match="was changed"):
        casebook.photos(begun, check=True)
    with pytest.raises(OriginalChangedError):
        casebook.begin(Mode.CASEWORK, [photo], "eva", "")
    assert "IMG 1.JPG" in casebook.verify()[0]
    stored.path.unlink()
    with pytest.raises(OriginalChangedError, match="cannot be read"):
        casebook.photos(begun, check=True)
    assert len(casebook.verify()) == 1


def test_the_whole_way_is_kept_and_comes_back(casebook, begun):
    casebook.record_view(begun, "eva", "recipe", {"steps": [{"name": "clahe", "parameters": {"clip": 2.0}}]})
    lock(casebook, begun)
    kept = fitting(casebook, begun)
    sha256 = casebook.keep_proposal(begun, kept)
    seen = casebook.reveal(begun, "eva")
    assert seen.proposal_sha256 == sha256
    assert casebook.proposal_in_view(begun) == kept
    for position in seen.positions:
        casebook.act(begun, Decide(position.id, UNREADABLE), "eva")
    signed = casebook.act(begun, Sign(), "eva")
    with Casebook(casebook.folder) as again:
        assert again.examination(begun) == signed
        assert again.proposal_in_view(begun) == kept
        assert again.verify(casebook.head()) == []
        (entry,) = again.examinations()
        assert (entry.id, entry.title, entry.phase) == (begun, "Exhibit 1", Phase.SIGNED)
    history = casebook.history(begun)
    assert [line.kind for line in history[:2]] == ["begin", "view"]
    assert advanced(None, history) == signed
    assert all(json.loads(line.versions)["python"] for line in history)


def test_the_list_shows_each_phase(casebook, photo):
    paths = [photo.with_name(f"{number}.jpg") for number in range(3)]
    for number, path in enumerate(paths):
        path.write_bytes(b"another photograph " + bytes([number]))
    ids = [casebook.begin(Mode.CASEWORK, [path], "eva", path.stem) for path in paths]
    lock(casebook, ids[1])
    lock(casebook, ids[2])
    casebook.keep_proposal(ids[2], fitting(casebook, ids[2]))
    casebook.reveal(ids[2], "eva")
    entries = casebook.examinations()
    assert [entry.id for entry in entries] == ids
    assert [entry.phase for entry in entries] == [casebook.examination(id).phase for id in ids]


def test_before_the_reveal_nothing_of_the_proposal_comes_out(casebook, begun):
    casebook.keep_proposal(begun, fitting(casebook, begun))
    for _ in ("at the beginning", "after the lock"):
        assert casebook.proposal_in_view(begun) is None
        shown = [
            casebook.examination(begun),
            casebook.history(begun),
            casebook.examinations(),
            casebook.photos(begun),
        ]
        assert SECRET not in repr(shown)
        assert all(p.proposed is None for p in casebook.examination(begun).positions)
        if casebook.examination(begun).phase is Phase.OBSERVE:
            lock(casebook, begun)
    casebook.reveal(begun, "eva")
    shown_now = casebook.proposal_in_view(begun)
    assert shown_now is not None and shown_now.lines[0].text == SECRET


def test_a_wrong_order_leaves_the_ledger_as_it_was(casebook, begun):
    before = casebook.head()
    for act in (Lock(), Sign(), Undo(), Observe(1, read()), Decide(1, read())):
        with pytest.raises(OrderError):
            casebook.act(begun, act, "eva")
    with pytest.raises(OrderError, match="no proposal yet"):
        casebook.reveal(begun, "eva")
    casebook.act(begun, LINE, "eva")
    casebook.keep_proposal(begun, fitting(casebook, begun))
    now, state = casebook.head(), casebook.examination(begun)
    assert now != before
    with pytest.raises(OrderError, match="after your own reading is locked"):
        casebook.reveal(begun, "eva")
    with pytest.raises(OrderError, match="an act cannot name one"):
        casebook.act(begun, Reveal("a" * 64, ()), "eva")
    with pytest.raises(OrderError, match="belongs to eva"):
        casebook.act(begun, Observe(1, read()), "")
    assert (casebook.head(), casebook.examination(begun)) == (now, state)


def test_the_last_kept_proposal_is_shown_and_then_stays(casebook, begun):
    first = fitting(casebook, begun)
    second = proposal([box(0)], first.photos)
    casebook.keep_proposal(begun, first)
    casebook.keep_proposal(begun, second)
    lock(casebook, begun)
    casebook.reveal(begun, "eva")
    assert casebook.proposal_in_view(begun) == second
    with pytest.raises(OrderError, match="already shown"):
        casebook.keep_proposal(begun, first)
    with pytest.raises(OrderError):
        casebook.reveal(begun, "eva")


def test_a_proposal_is_about_the_examinations_photographs(casebook, begun):
    (stored,) = casebook.photos(begun)
    wrong = [
        proposal([box(0)], ()),
        proposal([box(0)], (PhotoEntry("a", "0" * 64),)),
        proposal([box(0)], (PhotoEntry("a", stored.sha256),), frame=1),
    ]
    for one in wrong:
        with pytest.raises(CasebookError):
            casebook.keep_proposal(begun, one)


def test_a_changed_proposal_is_not_shown_and_found(casebook, begun):
    casebook.keep_proposal(begun, fitting(casebook, begun))
    lock(casebook, begun)
    casebook.reveal(begun, "eva")
    tampering(casebook, "UPDATE proposals SET content = replace(content, '0.75', '0.95')")
    with pytest.raises(ProposalChangedError, match="changed"):
        casebook.proposal_in_view(begun)
    assert any("proposal of ledger line" in wrong for wrong in casebook.verify())
    tampering(casebook, "DELETE FROM proposals")
    with pytest.raises(ProposalChangedError, match="removed"):
        casebook.proposal_in_view(begun)
    assert any("is gone" in wrong for wrong in casebook.verify())


def test_a_proposal_that_was_slipped_in_is_found(casebook, begun):
    casebook.keep_proposal(begun, fitting(casebook, begun))
    tampering(casebook, "INSERT INTO proposals SELECT 1, content FROM proposals")
    assert "proposal of ledger line 1: the ledger does not know it" in casebook.verify()


def test_proposals_are_neither_changed_nor_removed(casebook, begun):
    casebook.keep_proposal(begun, fitting(casebook, begun))
    connection = sqlite3.connect(casebook.folder / "casebook.sqlite")
    for statement in ("UPDATE proposals SET content = ''", "DELETE FROM proposals"):
        with pytest.raises(sqlite3.IntegrityError, match="kept proposal"):
            connection.execute(statement)
    connection.close()


def test_lines_that_do_not_replay_are_found(casebook, begun):
    casebook.act(begun, LINE, "eva")
    tampering(casebook, """UPDATE ledger SET content = '{"act":"sign"}', kind = 'sign' WHERE seq = 2""")
    found = casebook.verify()
    assert found[0].startswith("ledger line 2:")
    assert found[1].startswith(f"examination {begun}: its lines do not replay")
    with Casebook(casebook.folder) as again, pytest.raises(LedgerError, match="line 2 was changed"):
        again.examination(begun)


def test_a_cut_off_end_is_found_with_the_noted_head(casebook, begun):
    casebook.act(begun, LINE, "eva")
    noted = casebook.head()
    tampering(casebook, "DELETE FROM ledger WHERE seq = 2")
    assert any("noted head" in wrong for wrong in casebook.verify(noted))


def test_a_damaged_file_is_told_and_does_not_crash(casebook):
    tampering(casebook, "DROP TABLE ledger")
    assert any("cannot be read" in wrong for wrong in casebook.verify())


def test_an_unknown_examination_is_an_error(casebook):
    unknown = "0" * 32
    for ask in (
        lambda: casebook.examination(unknown),
        lambda: casebook.photos(unknown),
        lambda: casebook.history(unknown),
        lambda: casebook.act(unknown, LINE, "eva"),
        lambda: casebook.reveal(unknown, "eva"),
        lambda: casebook.proposal_in_view(unknown),
        lambda: casebook.keep_proposal(unknown, proposal([])),
        lambda: casebook.record_view(unknown, "eva", "x", {}),
    ):
        with pytest.raises((CasebookError, OrderError)):
            ask()
    assert casebook.verify() == []


def test_a_newer_or_foreign_casebook_is_refused(casebook, tmp_path):
    connection = sqlite3.connect(casebook.folder / "casebook.sqlite")
    connection.execute("PRAGMA user_version=999")
    connection.close()
    with pytest.raises(CasebookError, match="newer version"):
        Casebook(casebook.folder)
    other = tmp_path / "other"
    other.mkdir()
    (other / "casebook.sqlite").write_bytes(b"no database at all " * 100)
    with pytest.raises(CasebookError, match="cannot be opened"):
        Casebook(other)
    with pytest.raises(CasebookError, match="cannot be opened"):
        Casebook(other / "casebook.sqlite")


def test_after_closing_the_error_is_the_casebooks(casebook, begun):
    casebook.close()
    with pytest.raises(CasebookError):
        casebook.examination(begun)


def test_an_act_asks_the_database_for_no_more_however_many_came_before(casebook, begun):
    casebook.act(begun, DrawLine(Place(0, box(0, 400)), 40), "eva")
    instructions = [0]

    def count() -> int:
        instructions[-1] += 1
        return 0

    # SQLite's own instructions: what an act reads and writes, whatever else the machine does.
    casebook._database.connection.set_progress_handler(count, 1)
    for number in range(200):
        instructions.append(0)
        casebook.act(begun, Observe(1 + number % 40, read()), "eva")
    assert 0 < max(instructions[-20:]) < 1.5 * max(instructions[2:22])


def test_photographs_join_once_under_their_hash(casebook, begun, photo):
    new = photo.with_name("IMG 2.JPG")
    new.write_bytes(b"another photograph " * 100)
    again = photo.with_name("again.jpg")
    again.write_bytes(new.read_bytes())
    examination, added = casebook.add_photos(begun, [new, again, photo], "eva")
    assert examination.photos == 2 and [p.name for p in added] == ["IMG 2.JPG"]
    assert added == casebook.photos(begun, check=True)[1:]
    assert added[0].path.read_bytes() == new.read_bytes()
    assert casebook.add_photos(begun, [again], "eva") == (examination, [])
    assert casebook.history(begun)[-1].kind == "add_photos"
    assert casebook.verify() == []
    added[0].path.chmod(0o600)
    added[0].path.write_bytes(b"x")
    assert "IMG 2.JPG" in casebook.verify()[0]
    with Casebook(casebook.folder) as other:
        assert other.examination(begun).photos == 2


def test_a_photograph_that_may_not_join_is_not_taken_in(casebook, begun, photo):
    new = photo.with_name("IMG 2.JPG")
    new.write_bytes(b"another photograph")
    lock(casebook, begun)
    before = casebook.head()
    with pytest.raises(OrderError, match="between the lock and the reveal"):
        casebook.add_photos(begun, [new], "eva")
    named = AddPhotos((AddedPhoto("x", "0" * 64, ".jpg", None),))
    with pytest.raises(OrderError, match="takes photographs in"):
        casebook.act(begun, named, "eva")
    assert casebook.head() == before
    assert len([p for p in (casebook.folder / "originals").rglob("*") if p.is_file()]) == 1


def test_in_training_a_proposal_about_all_photographs_replaces_the_earlier(casebook, photo):
    begun = casebook.begin(Mode.TRAINING, [photo], "eva", "")
    casebook.keep_proposal(begun, fitting(casebook, begun))
    casebook.reveal(begun, "eva")
    new = photo.with_name("IMG 2.JPG")
    new.write_bytes(b"another photograph")
    casebook.add_photos(begun, [new], "eva")
    second = fitting(casebook, begun)
    casebook.keep_proposal(begun, second)
    casebook.reveal(begun, "eva")
    assert casebook.proposal_in_view(begun) == second and len(second.photos) == 2
    with pytest.raises(OrderError, match="already shown"):
        casebook.keep_proposal(begun, second)


def test_a_casebook_of_schema_1_is_carried_over_unchanged(tmp_path):
    folder = tmp_path / "casebook"
    (folder / "originals").mkdir(parents=True)
    for number in (1, 2):
        content = f"photograph {number} of a casebook of schema 1\n".encode()
        place = place_of(folder / "originals", hashlib.sha256(content).hexdigest(), ".bmp")
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)
    connection = sqlite3.connect(folder / "casebook.sqlite")
    connection.executescript((Path(__file__).parent / "casebook_schema_1.sql").read_text("utf-8"))
    before = connection.execute("SELECT * FROM ledger ORDER BY seq").fetchall()
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    connection.close()
    with Casebook(folder) as casebook:
        assert casebook.verify(head=before[-1][-1]) == []
        first, second = casebook.examinations()
        assert (first.phase, second.mode) == (Phase.REVEALED, Mode.TRAINING)
        assert [p.name for p in casebook.photos(first.id, check=True)] == ["plate_1.bmp", "plate_2.bmp"]
        assert casebook.examination(first.id).positions[0].final == read("B")
        assert casebook.proposal_in_view(first.id) is not None
        said = Conditions(None, "Fry's", None, None, None)
        assert (
            casebook.act(first.id, DescribePhotos((1,), said), "eva").series.conditions[1].reagent == "Fry's"
        )
    connection = sqlite3.connect(folder / "casebook.sqlite")
    assert connection.execute("SELECT * FROM ledger ORDER BY seq").fetchall()[: len(before)] == before
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    connection.close()


def test_a_casebook_of_schema_2_is_carried_over_unchanged(tmp_path):
    folder = tmp_path / "casebook"
    folder.mkdir()
    connection = sqlite3.connect(folder / "casebook.sqlite")
    connection.executescript((Path(__file__).parent / "casebook_schema_2.sql").read_text("utf-8"))
    before = connection.execute("SELECT * FROM ledger ORDER BY seq").fetchall()
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()
    with Casebook(folder) as casebook:
        wrong = casebook.verify(head=before[-1][-1])
        # Its three originals were not kept beside it.
        assert len(wrong) == 3 and all("plate_" in line for line in wrong)
        first, second = casebook.examinations()
        assert (first.phase, first.reader, second.mode) == (Phase.SIGNED, "eva", Mode.TRAINING)
        examination = casebook.examination(first.id)
        assert [position.own.reading for position in examination.positions] == ["А", "А"]
        assert examination.series.own_order == (2, 0, 1)
        assert casebook.proposal_in_view(first.id) is not None
        casebook.act(first.id, Amend("seen again"), "eva")
    connection = sqlite3.connect(folder / "casebook.sqlite")
    assert connection.execute("SELECT * FROM ledger ORDER BY seq").fetchall()[: len(before)] == before
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    connection.close()


def test_a_line_of_one_thread_never_joins_the_transaction_of_another(casebook, begun):
    """Pictures are fetched by many threads while acts are written, and one of those may be taken back."""
    fetch = Thread(target=casebook._database.append, args=(begun, "eva", "fetch", {"name": "a.png"}))
    with pytest.raises(RuntimeError), casebook._database.writing():
        fetch.start()
        fetch.join(0.5)  # Joining the open transaction, it would be done by now, and taken back with it.
        raise RuntimeError
    fetch.join()
    assert [line.value()["name"] for line in casebook.history(begun) if line.kind == "fetch"] == ["a.png"]
