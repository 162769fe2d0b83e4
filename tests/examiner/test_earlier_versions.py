"""What an earlier version of the program made is opened, verified and continued by this one."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from examiner.casebook.casebook import SCHEMA, Casebook
from examiner.casebook.laboratory import shipped
from examiner.casebook.signatures import public_hex
from examiner.casebook.verification import casebook_wrong
from examiner.casebook.view_replay import views_replayed
from examiner.cli import application
from examiner.examination.acts import Amend, Phase, Settle
from examiner.exports.report.content import report_value
from examiner.folders.results.file import SUFFIXES, results_to, rows_in
from tests.examiner.drawn import read
from tests.examiner.whole_case import handover_wrong

EARLIER = Path(__file__).parent / "earlier"
KEYS = {
    name: [public_hex(Ed25519PrivateKey.from_private_bytes(bytes([number] * 32)))]
    for number, name in enumerate(("eva", "max"))
}
CASEBOOKS = {
    3: ("casebook.zip", "c212d736059541fabbce09bb35329c8d"),
    4: ("schema_4/casebook.zip", "c74476d314624b79980ab3ecc2a3b741"),
    5: ("schema_5/casebook.zip", "19cd8215fd1d4044a0b51259b54d1bf7"),
}
"""By schema: the file, and its examination that both examiners signed."""


def casebook_of(schema: int, room: Path) -> Path:
    with zipfile.ZipFile(EARLIER / CASEBOOKS[schema][0]) as archive:
        archive.extractall(room / "casebook")
    return room / "casebook"


@pytest.fixture
def folder(tmp_path) -> Path:
    return casebook_of(3, tmp_path)


@pytest.mark.parametrize("schema", CASEBOOKS)
def test_a_casebook_verifies_before_and_after_it_is_brought_to_this_version(tmp_path, schema):
    folder, signed = casebook_of(schema, tmp_path), CASEBOOKS[schema][1]
    connection = sqlite3.connect(folder / "casebook.sqlite")
    before = connection.execute("SELECT * FROM ledger ORDER BY seq").fetchall()
    assert connection.execute("PRAGMA user_version").fetchone() == (schema,)
    connection.close()
    assert casebook_wrong(folder, before[-1][-1], KEYS) == []
    with Casebook(folder) as casebook:
        assert casebook_wrong(folder, before[-1][-1], KEYS) == []
        assert casebook.examination(signed).phase is Phase.SIGNED
        assert report_value(casebook, signed, shipped())["result"]
        casebook.act(signed, Amend("seen again"), "eva")
        casebook.act(signed, Settle(2, read("8")), "eva")
        # Nobody is asked for reasons that were not asked for when it was begun.
        casebook.sign(signed, "eva")
        assert casebook.verify(before[-1][-1]) == []
    connection = sqlite3.connect(folder / "casebook.sqlite")
    assert connection.execute("SELECT * FROM ledger ORDER BY seq").fetchall()[: len(before)] == before
    assert connection.execute("PRAGMA user_version").fetchone() == (SCHEMA,)
    connection.close()


def test_a_picture_whose_libraries_were_not_recorded_is_never_called_wrong(folder, monkeypatch):
    assert views_replayed(folder).wrong == ()

    def changed(*_: object) -> None:
        raise ValueError("the filter gives another picture now")

    monkeypatch.setattr("examiner.casebook.view_replay.replay", changed)
    replayed = views_replayed(folder)
    assert (replayed.same, replayed.wrong, len(replayed.elsewhere)) == (0, (), 1)


def test_a_handover_verifies():
    with zipfile.ZipFile(EARLIER / "handover.zip") as archive:
        head = json.loads(archive.read("manifest.json"))["head"]
    assert handover_wrong(EARLIER / "handover.zip", head, KEYS) == []
    assert any("head" in fault for fault in handover_wrong(EARLIER / "handover.zip", "1" * 64, KEYS))
    strangers = {name: ["0" * 64] for name in KEYS}
    assert any("known by" in fault for fault in handover_wrong(EARLIER / "handover.zip", head, strangers))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_results_are_read_and_opened_for_more(tmp_path, suffix):
    path = Path(shutil.copy(EARLIER / f"results{suffix}", tmp_path))
    rows = list(rows_in(path))
    assert [(row.series, row.state) for row in rows] == [("photos/0.png", "read"), ("photos/1.png", "read")]
    with results_to(path, resume=True) as results:
        assert dict(results.known) == {row.series: row.key for row in rows}
    assert list(rows_in(path)) == rows


def test_a_run_goes_on_and_reads_again_what_other_libraries_may_read_otherwise(tmp_path, monkeypatch):
    shutil.copytree(EARLIER / "photos", tmp_path / "photos")
    out = Path(shutil.copy(EARLIER / "results.jsonl", tmp_path))
    earlier = {row.series: row.key for row in rows_in(out)}
    monkeypatch.chdir(tmp_path)
    command = ["read", "photos", "--each-photo", "--readers", "marks", "--workers", "1"]
    done = CliRunner().invoke(application, [*command, "--out", out.name, "--resume"])
    assert done.exit_code == 0, done.stderr
    now = {row.series: row.key for row in rows_in(out)}
    assert now.keys() == earlier.keys()
    assert all(now[series] != key for series, key in earlier.items())
    before = out.read_bytes()
    again = CliRunner().invoke(application, [*command, "--out", out.name, "--resume"])
    assert (again.exit_code, out.read_bytes()) == (0, before)
