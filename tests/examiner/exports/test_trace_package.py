"""The trace package: every file by its hash, what is not known by name, the same bytes again."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from hashlib import sha256

import pytest
from typer.testing import CliRunner

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import shipped
from examiner.casebook.verification import files_wrong
from examiner.cli import application
from examiner.exports.files import TRACE_PACKAGE, give_out
from examiner.exports.trace_package import MANIFEST, PARTS
from examiner.tracing.trace import trace
from tests.examiner.whole_case import whole_case


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    room = tmp_path_factory.mktemp("trace")
    id, _ = whole_case(room / "casebook", room / "room")
    with Casebook(room / "casebook") as casebook:
        data = give_out(casebook, id, TRACE_PACKAGE, "eva", shipped())
        again = give_out(casebook, id, TRACE_PACKAGE, "eva", shipped())
        aids = trace(casebook, id)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return room, id, data, again, files, aids


def test_every_file_is_in_the_manifest_with_its_hash(package):
    _, id, _, _, files, _ = package
    manifest = json.loads(files[MANIFEST])
    assert set(files) == {*PARTS, "request.json", "request.csv", "patterns.csv", MANIFEST}
    assert manifest["files"] == {
        name: {"sha256": sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in files.items()
        if name != MANIFEST
    }
    assert (manifest["examination"], manifest["signed"]) == (id, True)


def test_what_the_case_file_does_not_know_is_named(package):
    *_, files, aids = package
    manifest = json.loads(files[MANIFEST])
    known = {field["field"]: field["value"] for field in aids["request"]}
    assert known["type"] == "Pistol" and "type" not in manifest["not_known"]
    assert {"manufacturer", "calibre"} <= set(manifest["not_known"])
    rows = list(csv.DictReader(io.StringIO(files["request.csv"].decode("utf-8-sig"))))
    assert {row["field"]: row["value"] for row in rows}["type"] == "Pistol"


def test_every_pattern_of_every_spelling_has_a_row(package):
    *_, files, aids = package
    rows = list(csv.DictReader(io.StringIO(files["patterns.csv"].decode("utf-8-sig"))))
    (line,) = aids["lines"]
    told = {(row["spelling"], row["language"], row["pattern"]) for row in rows}
    assert ("as read", "regex", line["patterns"]["regex"]) in told
    assert {name for name, _, _ in told} == {"as read", *(spelling["name"] for spelling in line["spellings"])}
    assert all(("as read", "like", text) in told for text in line["patterns"]["like"])


def test_the_same_record_gives_the_same_bytes(package):
    _, _, data, again, _, _ = package
    assert data == again


def test_the_casebook_knows_each_file_as_given_out(package, tmp_path):
    room, _, data, _, files, _ = package
    (tmp_path / "package.zip").write_bytes(data)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    given = [path for path in tmp_path.iterdir() if path.name != MANIFEST]
    assert files_wrong(room / "casebook", given) == []
    (tmp_path / "patterns.csv").write_bytes(b"another")
    assert files_wrong(room / "casebook", given) != []


def test_the_command_writes_it_and_prints_nothing(package, tmp_path):
    room, id, data, _, _, _ = package
    out = tmp_path / "trace.zip"
    arguments = ["trace", str(room / "casebook"), id[:6], "--package", str(out)]
    done = CliRunner().invoke(application, arguments)
    assert (done.exit_code, done.stdout) == (0, "")
    assert out.read_bytes() == data
    assert CliRunner().invoke(application, arguments).exit_code == 2, "no file is replaced unasked"
