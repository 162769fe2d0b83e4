"""Random harm to a record: every changed byte that changes an answer is found, and no kill loses a decision.

`make test-long` runs the long form: 1,000 changes and 200 kills.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from examiner.casebook.backup import copy_casebook
from examiner.casebook.casebook import Casebook
from examiner.casebook.verification import ADDED_BESIDE, casebook_wrong, files_wrong
from examiner.casebook.view_replay import views_replayed
from tests.examiner.whole_case import exports, handover_wrong, whole_case

CHANGES = [60, pytest.param(1000, marks=pytest.mark.long)]
KILLS = [4, pytest.param(200, marks=pytest.mark.long)]


@pytest.fixture
def say(capsys):
    """Prints past the capture: the figures are read by a person."""

    def said(words: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{words}\n")

    return said


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    room = tmp_path_factory.mktemp("holds")
    folder = room / "casebook"
    id, _ = whole_case(folder, room / "given")
    with Casebook(folder) as casebook:
        for name, data in exports(casebook, id).items():
            (room / "given" / name).write_bytes(data)
    return folder, id, room / "given"


def answers(folder: Path, id: str) -> Any:
    """What every query and every export of the record answers."""
    found: list[Any] = []
    connection = sqlite3.connect(f"file:{folder / 'casebook.sqlite'}?mode=ro", uri=True)
    connection.text_factory = bytes
    try:
        for query in (
            "SELECT * FROM ledger ORDER BY seq",
            "SELECT seq, hash FROM ledger WHERE examination = ?1 ORDER BY seq",
            "SELECT seq, hash FROM ledger WHERE kind = 'decide' AND examination = ?1 ORDER BY seq",
            "SELECT * FROM proposals ORDER BY seq",
            "SELECT type, name, tbl_name, sql FROM sqlite_master",
            "PRAGMA user_version",
        ):
            found.append(connection.execute(query, (id,) if "?1" in query else ()).fetchall())
    finally:
        connection.close()
    with Casebook(folder) as casebook:
        found.append([photo.path.read_bytes() for photo in casebook.photos(id)])
        found.append(exports(casebook, id))
    return found


def answered(folder: Path, id: str) -> Any:
    try:
        return answers(folder, id)
    except Exception as error:
        return type(error)


@pytest.mark.parametrize("changes", CHANGES)
def test_every_changed_byte_that_changes_an_answer_is_found(made, tmp_path, say, changes):
    folder, id, given = made
    expected = answers(folder, id)
    assert casebook_wrong(folder) == [] == handover_wrong(given / "handover.zip")
    moments = random.Random(20261126)
    originals = sorted(path for path in (folder / "originals").rglob("*") if path.is_file())
    exported = [given / name for name in ("reading.json", "reading.csv")]
    changed, missed = 0, []
    for number in range(changes):
        work = tmp_path / str(number)
        kind = moments.choice(["database", "database", "original", "file", "handover"])
        shutil.copytree(folder, work / "casebook")
        if kind == "database":
            target = work / "casebook" / "casebook.sqlite"
        elif kind == "original":
            target = work / "casebook" / moments.choice(originals).relative_to(folder)
            target.chmod(0o600)
        else:
            source = given / "handover.zip" if kind == "handover" else moments.choice(exported)
            target = shutil.copy(source, work / source.name)
        data = bytearray(Path(target).read_bytes())
        place = moments.randrange(len(data))
        data[place] ^= moments.randrange(1, 256)
        Path(target).write_bytes(data)
        if kind == "handover":
            # A zip holds bytes that say nothing (dates, attributes): what counts is what it hands over.
            says_other, wrong = not _same_members(given / "handover.zip", target), handover_wrong(target)
        elif kind == "file":
            says_other, wrong = True, files_wrong(folder, [target])
        else:
            wrong = casebook_wrong(work / "casebook")
            says_other = answered(work / "casebook", id) != expected
            if kind == "original":
                says_other = True
        changed += says_other
        if says_other and not wrong:
            missed.append((kind, place))
        shutil.rmtree(work)
    assert missed == []
    assert changed > changes / 3
    say(f"{changes} changes of one byte, {changed} change an answer, all of these found")


def _same_members(one: Path, other: Path) -> bool:

    try:
        with zipfile.ZipFile(one) as before, zipfile.ZipFile(other) as after:
            return {n: before.read(n) for n in before.namelist()} == {
                n: after.read(n) for n in after.namelist()
            }
    except Exception:
        return False


EXAMINING = """
import itertools, sys
from pathlib import Path
from tests.examiner.drawn import read
from tests.examiner.whole_case import decided, plate
from examiner.casebook.casebook import Casebook
from examiner.examination.acts import Amend, Decide, Mode

with Casebook(Path(sys.argv[1])) as casebook:
    for round in itertools.count():
        # A photograph of its own each time: one left alone by a kill closes itself against other readings.
        photo = plate(Path(sys.argv[2]) / f"{sys.argv[3]}-{round}.png", seed=1000 * int(sys.argv[3]) + round)
        id = decided(casebook, [photo], "AB")
        for n in range(20):
            reading = "ABCDEFGH"[n % 8]
            casebook.act(id, Decide(1, read(reading)), "eva")
            print(id, n, reading, flush=True)
        casebook.sign(id, "eva")
        print(id, "signed", "-", flush=True)
"""


@pytest.mark.parametrize("kills", KILLS)
def test_no_kill_loses_an_acknowledged_decision(tmp_path, say, kills):
    moments = random.Random(7)
    folder, photos = tmp_path / "killed", tmp_path / "photos"
    photos.mkdir()
    acknowledged: dict[str, list[tuple[str, str]]] = {}
    for kill in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-c", EXAMINING, str(folder), str(photos), str(kill)],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        said = [process.stdout.readline()]
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moments.uniform(0, 0.4))
        process.kill()
        said += process.communicate()[0].splitlines(keepends=True)
        for line in said:
            # A line that the kill cut off was not acknowledged.
            if line.endswith("\n"):
                id, number, reading = line.split()
                acknowledged.setdefault(id, []).append((number, reading))
    # A photograph whose examination a kill left unwritten; nothing of it was acknowledged.
    left = [wrong for wrong in casebook_wrong(folder) if wrong.endswith(ADDED_BESIDE)]
    assert casebook_wrong(folder) == left and len(left) <= kills
    with Casebook(folder) as casebook:
        for id, decisions in acknowledged.items():
            made_ones = [line for line in casebook.history(id) if line.kind == "decide"]
            readings = [line.value()["reading"]["reading"] for line in made_ones][2:]
            expected = [reading for number, reading in decisions if number != "signed"]
            assert readings[: len(expected)] == expected
            assert len(readings) <= len(expected) + 1
            if decisions[-1][0] == "signed":
                assert casebook.examination(id).phase.value == "signed"
    total = sum(len(decisions) for decisions in acknowledged.values())
    assert total >= kills
    say(f"{kills} kills, {total} acknowledged decisions and signatures, none lost")


def test_the_pictures_looked_at_come_out_again(made):
    folder, _, _ = made
    replayed = views_replayed(folder)
    assert (replayed.same, replayed.wrong, replayed.elsewhere) == (1, (), ())


def test_a_casebook_in_use_is_copied(made, tmp_path):
    folder, id, _ = made
    with Casebook(folder) as casebook:
        assert copy_casebook(folder, tmp_path / "copy") == []
        with Casebook(tmp_path / "copy") as copy:
            assert exports(copy, id) == exports(casebook, id)
