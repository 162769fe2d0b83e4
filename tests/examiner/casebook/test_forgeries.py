"""Which forgeries of a casebook are found without the head, with it, and with keys: each row of the table in
docs/record.md is done here."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from examiner.casebook import ledger
from examiner.casebook.casebook import Casebook
from examiner.casebook.ledger import LedgerLine, canonical, line_hash
from examiner.casebook.signatures import public_hex, signature
from examiner.casebook.verification import casebook_notes, casebook_wrong
from tests.examiner.whole_case import whole_case

ROOT = Path(__file__).parents[3]
KEYS = {
    name: [public_hex(Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)))]
    for number, name in enumerate(("eva", "max"))
}
"""The keys with which `whole_case` signs."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    room = tmp_path_factory.mktemp("sound")
    whole_case(room / "casebook", room / "given")
    return room / "casebook"


@pytest.fixture
def folder(sound, tmp_path):
    shutil.copytree(sound, tmp_path / "casebook")
    return tmp_path / "casebook"


def _without_triggers(folder: Path, work: Callable[[sqlite3.Connection], object]) -> None:
    """Writes into the database as somebody can who may write the file; the triggers are there afterwards."""
    with closing(sqlite3.connect(folder / "casebook.sqlite", isolation_level=None)) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        work(connection)
        for _, sql in triggers:
            connection.execute(sql)


def _lines(folder: Path) -> list[LedgerLine]:
    with closing(sqlite3.connect(folder / "casebook.sqlite")) as connection:
        return ledger.lines(connection)


def _written_anew(folder: Path, lines: list[LedgerLine], key: Ed25519PrivateKey | None = None) -> None:
    """The ledger with these lines, numbered and chained anew; with `key`, signed anew with it."""
    previous, chained = ledger.GENESIS, []
    for number, line in enumerate(lines, 1):
        bare = replace(line, seq=number, previous=previous, hash="")
        if line.kind == "sign" and key is not None:
            act = signature(str(line.examination), line.actor, previous, key)
            bare = replace(bare, content=canonical({"act": "sign", **asdict(act)}))
        chained.append(replace(bare, hash=line_hash(bare)))
        previous = chained[-1].hash

    def work(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA foreign_keys=OFF")
        kept = dict(connection.execute("SELECT seq, content FROM proposals").fetchall())
        connection.execute("DELETE FROM proposals")
        connection.execute("DELETE FROM ledger")
        for line in chained:
            connection.execute(
                "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", tuple(asdict(line).values())
            )
        where = {line.content: line.seq for line in chained if line.kind == "proposal"}
        for text in kept.values():
            sha256 = hashlib.sha256(text.encode()).hexdigest()
            connection.execute(
                "INSERT INTO proposals VALUES (?, ?)", (where[canonical({"proposal_sha256": sha256})], text)
            )

    _without_triggers(folder, work)


def _other_note(folder: Path) -> list[LedgerLine]:
    """The lines, with another word in one of them."""
    return [
        replace(line, content=line.content.replace("seized with", "bought with")) for line in _lines(folder)
    ]


def change_a_line(folder: Path) -> None:
    _without_triggers(
        folder,
        lambda connection: connection.execute("UPDATE ledger SET actor = 'max' WHERE seq = 3") and None,
    )


def remove_a_line(folder: Path) -> None:
    _without_triggers(
        folder, lambda connection: connection.execute("DELETE FROM ledger WHERE seq = 3") and None
    )


def remove_the_triggers(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "casebook.sqlite", isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER ledger_refuses_update")


def change_an_original(folder: Path) -> None:
    path = next(path for path in sorted((folder / "originals").rglob("*.png")))
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"x")


def remove_an_original(folder: Path) -> None:
    next(path for path in sorted((folder / "originals").rglob("*.png"))).unlink()


def add_an_original(folder: Path) -> None:
    (folder / "originals" / "ab").mkdir(exist_ok=True)
    (folder / "originals" / "ab" / f"ab{'0' * 62}.png").write_bytes(b"another photograph")


def link_an_original(folder: Path) -> None:
    path = next(path for path in sorted((folder / "originals").rglob("*.png")))
    path.rename(folder / "elsewhere.png")
    path.symlink_to(folder / "elsewhere.png")


def change_a_proposal(folder: Path) -> None:
    _without_triggers(
        folder,
        lambda connection: connection.execute("UPDATE proposals SET content = content || ' '") and None,
    )


def cut_lines_off_the_end(folder: Path) -> None:
    lines = _lines(folder)
    _written_anew(folder, lines[: max(line.seq for line in lines if line.kind == "sign")])


def write_unsigned_lines_anew(folder: Path) -> None:
    lines = _lines(folder)
    first = min(line.seq for line in lines if line.kind == "sign")
    _written_anew(folder, [line for line in _other_note(folder) if line.seq < first])


def write_the_ledger_anew(folder: Path) -> None:
    _written_anew(folder, _other_note(folder))


def write_the_ledger_anew_and_sign_it(folder: Path) -> None:
    _written_anew(folder, _other_note(folder), Ed25519PrivateKey.from_private_bytes(bytes([9] * 32)))


def exchange_the_casebook(folder: Path) -> None:
    shutil.rmtree(folder)
    with Casebook(folder):
        pass


FOUND: dict[str, tuple[Callable[[Path], None], bool, bool, bool]] = {
    "a line changed in any byte": (change_a_line, True, True, True),
    "a line removed from the middle": (remove_a_line, True, True, True),
    "triggers, tables or indexes removed": (remove_the_triggers, True, True, True),
    "an original changed": (change_an_original, True, True, True),
    "an original removed": (remove_an_original, True, True, True),
    "a file added to `originals/`": (add_an_original, True, True, True),
    "a link in place of an original": (link_an_original, True, True, True),
    "a proposal changed": (change_a_proposal, True, True, True),
    "lines cut off the end": (cut_lines_off_the_end, False, True, False),
    "lines before the first signature written anew, the rest cut off": (
        write_unsigned_lines_anew,
        False,
        True,
        False,
    ),
    "the whole ledger written anew, the signatures left as they were": (
        write_the_ledger_anew,
        True,
        True,
        True,
    ),
    "the whole ledger written anew and signed with another key": (
        write_the_ledger_anew_and_sign_it,
        False,
        True,
        True,
    ),
    "another casebook in its place": (exchange_the_casebook, False, True, False),
}
"""Forgery, how it is done, and whether it is found without the head, with the head, with the keys."""


def test_a_sound_casebook_has_nothing_wrong(sound):
    head = _lines(sound)[-1].hash
    assert casebook_wrong(sound, head, KEYS) == [] == casebook_notes(sound)


@pytest.mark.parametrize("row", FOUND)
def test_a_forgery_is_found_where_the_table_says_so(folder, row):
    forge, bare, with_head, with_keys = FOUND[row]
    head = _lines(folder)[-1].hash
    forge(folder)
    assert bool(casebook_wrong(folder)) == bare
    assert bool(casebook_wrong(folder, head)) == with_head
    assert bool(casebook_wrong(folder, None, KEYS)) == with_keys


def test_the_table_in_the_documentation_has_these_rows():
    text = (ROOT / "docs" / "record.md").read_text("utf-8")
    sign = {True: "found", False: "no"}
    for row, (_, *found) in FOUND.items():
        assert f"| {row} | {' | '.join(sign[each] for each in found)} |" in text


def test_a_clock_that_ran_backwards_is_named_and_is_no_error(folder):
    lines = _lines(folder)
    back = datetime.fromisoformat(lines[-2].time) - timedelta(hours=3)
    _written_anew(folder, [*lines[:-1], replace(lines[-1], time=back.isoformat(timespec="microseconds"))])
    [note] = casebook_notes(folder)
    assert note.startswith(f"ledger line {lines[-1].seq}: its time") and "10800.0" in note
    assert "the clock of the machine was set back" in note
    assert casebook_wrong(folder) == []


def test_the_rest_of_an_interrupted_copy_is_named_and_is_no_error(folder):
    (folder / "originals" / ".incoming-1").write_bytes(b"half a photograph")
    assert "interrupted copy" in casebook_notes(folder)[0]
    assert casebook_wrong(folder) == []


def test_a_hostile_line_about_originals_is_named(folder):
    lines = _lines(folder)
    content = json.loads(lines[0].content)
    content["photos"][0]["sha256"] = "../../../etc/passwd"
    _written_anew(folder, [replace(lines[0], content=canonical(content)), *lines[1:]])
    assert casebook_wrong(folder)
