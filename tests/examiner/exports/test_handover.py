"""What is handed over verifies on its own, holds nothing of another case, and is the same twice."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from examiner.casebook.casebook import Casebook
from examiner.casebook.ledger import LedgerLine, canonical, line_hash
from examiner.casebook.verification import files_wrong
from examiner.examination.acts import Mode
from examiner.exports.handover import HandoverError, handover, head_of
from examiner.exports.handover_check import checked_handover
from tests.examiner.drawn import box, proposal
from tests.examiner.whole_case import exports, handover_wrong, plate, whole_case


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    room = tmp_path_factory.mktemp("handover")
    folder = room / "casebook"
    return (folder, *whole_case(folder, room / "given"))


def test_it_verifies_on_its_own_against_the_head_of_the_report(made):
    folder, id, given = made
    assert handover_wrong(given) == []
    with zipfile.ZipFile(given) as archive:
        reading = json.loads(archive.read("exports/reading.json"))
    assert reading["examination"] == id
    assert handover_wrong(given, head=reading["ledger"]["head"]) == []
    assert "no line has the noted head" in handover_wrong(given, head="1" * 64)[0]
    with Casebook(folder) as casebook:
        assert casebook.verify(head=reading["ledger"]["head"]) == []


def test_its_own_head_covers_it_and_an_earlier_one_is_said_not_to(made):
    folder, _, given = made
    head = head_of(given.read_bytes())
    check = checked_handover(given, head)
    assert (check.wrong, check.notes, check.head) == ((), (), head)
    with zipfile.ZipFile(given) as archive:
        earlier = json.loads(archive.read("exports/reading.json"))["ledger"]["head"]
    [note] = checked_handover(given, earlier).notes
    assert "an earlier one" in note and "not covered" in note
    with Casebook(folder) as casebook:
        assert casebook.verify(head=head) == []


def test_what_is_withheld_is_named_with_who_decided_and_why(made):
    _, _, given = made
    [others] = checked_handover(given).withheld
    assert "other examinations" in others and "made by eva" in others and "other matters" in others
    with zipfile.ZipFile(given) as archive:
        entries = [json.loads(line) for line in archive.read("ledger.jsonl").splitlines()]
        told = json.loads(archive.read("manifest.json"))["withheld"]
    bare = [entry["seq"] for entry in entries if "content" not in entry]
    assert [seq for first, last in told[0]["lines"] for seq in range(first, last + 1)] == bare
    assert bare


def test_an_unshown_proposal_is_named_as_withheld(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        id = casebook.begin(Mode.CASEWORK, [plate(tmp_path / "a.png")], "eva", "Exhibit 2")
        casebook.keep_proposal(id, proposal([box(0)]))
        (tmp_path / "x.zip").write_bytes(handover(casebook, id, {}, "eva"))
    check = checked_handover(tmp_path / "x.zip", head_of((tmp_path / "x.zip").read_bytes()))
    assert check.wrong == () and "not shown to anybody (1)" in check.withheld[0]


def test_it_says_everything_of_the_examination(made):
    _, _, given = made
    with zipfile.ZipFile(given) as archive:
        reading = json.loads(archive.read("exports/reading.json"))
    assert reading["second"]["by"] == "max" and len(reading["signatures"]) == 4
    assert [line["string"] for line in reading["agreed"]] == ["A8"]
    assert [line["string"] for line in reading["amendments"][0]["agreed"]] == ["AB"]
    assert reading["case"]["case"]["reference"] == "2026/17"
    assert reading["case"]["procedure"][0]["reagent"] == "Fry's"
    assert reading["context"][0]["note"] == "seized with a Tokarev"


def test_it_holds_nothing_of_another_case(made):
    _, _, given = made
    with zipfile.ZipFile(given) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"SECRET OF ANOTHER CASE" not in everything
    assert b"Exhibit 1" in everything


def test_the_same_record_gives_the_same_bytes(made):
    folder, id, given = made
    with Casebook(folder) as casebook:
        before = len(casebook.every_line())
        assert handover(casebook, id, exports(casebook, id), "eva") == given.read_bytes()
        assert len(casebook.every_line()) == before


def test_the_casebook_knows_the_file_that_it_gave_out(made):
    folder, _, given = made
    assert files_wrong(folder, [given]) == []


Members = dict[str, bytes]


def _members(given: Path) -> Members:
    with zipfile.ZipFile(given) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _written(members: Members, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target


def _fitting(members: Members) -> None:
    """Makes the manifest fit the members."""
    manifest = json.loads(members["manifest.json"])
    names = [name for name in members if name not in ("manifest.json", "ledger.jsonl")]
    manifest["files"] = {name: hashlib.sha256(members[name]).hexdigest() for name in names}
    members["manifest.json"] = canonical(manifest).encode()


def _lines(members: Members) -> list[dict[str, Any]]:
    return [json.loads(line) for line in members["ledger.jsonl"].splitlines()]


def _with_lines(members: Members, entries: list[dict[str, Any]]) -> None:
    members["ledger.jsonl"] = "".join(canonical(entry) + "\n" for entry in entries).encode()


def _rewritten(members: Members) -> None:
    """The whole chain with fresh hashes, so that the last line records the manifest: what somebody can do who
    knows how the program works. Lines without content keep their hash."""
    entries = _lines(members)
    sha256 = hashlib.sha256(members["manifest.json"]).hexdigest()
    entries[-1]["content"] = canonical({"name": "manifest.json", "sha256": sha256})
    for number, entry in enumerate(entries, 1):
        entry["seq"] = number
        entry["previous"] = entries[number - 2]["hash"] if number > 1 else "0" * 64
        if "content" in entry:
            entry["hash"] = line_hash(LedgerLine(**entry))
    _with_lines(members, entries)


def _hidden(members: Members, of_kind: str, named: bool) -> None:
    """Takes the content of the last line of a kind away; its hash stays, so that the chain holds."""
    entries = _lines(members)
    place = max(place for place, entry in enumerate(entries) if entry.get("kind") == of_kind)
    entries[place] = {key: entries[place][key] for key in ("seq", "previous", "hash")}
    _with_lines(members, entries)
    if named:
        manifest = json.loads(members["manifest.json"])
        manifest["withheld"][0]["lines"].append([place + 1, place + 1])
        members["manifest.json"] = canonical(manifest).encode()


def hide_a_line(members: Members) -> None:
    _hidden(members, "note_context", named=False)


def hide_a_line_and_name_it(members: Members) -> None:
    _hidden(members, "note_context", named=True)


def hide_the_last_line(members: Members) -> None:
    _hidden(members, "export", named=False)


def pass_as_the_earlier_format(members: Members) -> None:
    """Without the rules of today's manifest, a line could be hidden unseen."""
    hide_a_line(members)
    entries = _lines(members)
    manifest = {"head": entries[-1]["hash"], "files": json.loads(members["manifest.json"])["files"]}
    manifest["files"]["ledger.jsonl"] = hashlib.sha256(members["ledger.jsonl"]).hexdigest()
    members["manifest.json"] = canonical(manifest).encode()


def pass_as_the_earlier_format_with_the_last_line_hidden(members: Members) -> None:
    hide_the_last_line(members)
    pass_as_the_earlier_format(members)


def remove_an_original(members: Members) -> None:
    del members[max(name for name in members if name.startswith("originals/"))]
    _fitting(members)


def slip_in_an_original(members: Members) -> None:
    sha256 = hashlib.sha256(b"another photograph").hexdigest()
    members[f"originals/{sha256[:2]}/{sha256}.png"] = b"another photograph"
    _fitting(members)


def remove_an_export(members: Members) -> None:
    del members["exports/reading.csv"]
    _fitting(members)


def slip_in_an_export(members: Members) -> None:
    members["exports/report.pdf"] = b"%PDF another report"
    _fitting(members)


def exchange_an_export(members: Members) -> None:
    members["exports/reading.csv"] = members["exports/reading.csv"].replace(b"Exhibit 1", b"Exhibit 2")
    _fitting(members)


def rewrite_the_read_me(members: Members) -> None:
    members["READ ME.txt"] = b"To check it, look at it: it is right."
    _fitting(members)


def empty_the_ledger(members: Members) -> None:
    members["ledger.jsonl"] = b""


def remove_a_proposal(members: Members) -> None:
    members["proposals.json"] = b"{}"
    _fitting(members)


def change_a_line(members: Members) -> None:
    members["ledger.jsonl"] = members["ledger.jsonl"].replace(b"seized with", b"bought with")


def cut_off_the_end(members: Members) -> None:
    _with_lines(members, _lines(members)[:-6])


def add_a_line(members: Members) -> None:
    entries = _lines(members)
    _with_lines(
        members, [*entries, {**entries[-1], "seq": len(entries) + 1, "previous": entries[-1]["hash"]}]
    )


ATTACKS: list[Callable[[Members], None]] = [
    hide_a_line,
    hide_a_line_and_name_it,
    hide_the_last_line,
    pass_as_the_earlier_format,
    pass_as_the_earlier_format_with_the_last_line_hidden,
    remove_an_original,
    slip_in_an_original,
    remove_an_export,
    slip_in_an_export,
    exchange_an_export,
    rewrite_the_read_me,
    empty_the_ledger,
    remove_a_proposal,
    change_a_line,
    cut_off_the_end,
    add_a_line,
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_an_attack_is_found_without_the_head(made, tmp_path, attack):
    members = _members(made[2])
    attack(members)
    assert members != _members(made[2])
    assert handover_wrong(_written(members, tmp_path / "x.zip"))


REWRITTEN = [
    hide_a_line_and_name_it,
    remove_an_export,
    rewrite_the_read_me,
    change_a_line,
]


@pytest.mark.parametrize("attack", REWRITTEN, ids=lambda attack: attack.__name__)
def test_with_the_manifest_and_the_chain_written_anew_the_head_finds_it(made, tmp_path, attack):
    """Who writes everything anew is found with the head alone: the table in docs/record.md says so."""
    members = _members(made[2])
    attack(members)
    _rewritten(members)
    path = _written(members, tmp_path / "x.zip")
    head = head_of(made[2].read_bytes())
    assert any("no line has the noted head" in fault for fault in handover_wrong(path, head))


def test_a_rewritten_read_me_passes_without_the_head(made, tmp_path):
    members = _members(made[2])
    rewrite_the_read_me(members)
    _rewritten(members)
    assert handover_wrong(_written(members, tmp_path / "x.zip")) == []


@pytest.mark.parametrize(
    "name", ["../outside", "originals/ab/../../x", "/etc/passwd", "exports/a/b", "originals/zz/1.png"]
)
def test_a_hostile_member_is_refused(made, tmp_path, name):
    members = _members(made[2])
    members[name] = b"x"
    _fitting(members)
    [wrong] = handover_wrong(_written(members, tmp_path / "x.zip"))
    assert "does not belong" in wrong
    assert not (tmp_path / "outside").exists()


def test_what_is_no_handover_is_named(tmp_path):
    path = tmp_path / "x.zip"
    for content in (
        b"",
        b"PK\x03\x04",
        b"nothing",
        b"PK\x05\x06" + b"\xff" * 18,
        b"PK\x06\x07" + b"\xff" * 40,
    ):
        path.write_bytes(content)
        [wrong] = handover_wrong(path)
        assert "cannot be read" in wrong or "more than" in wrong


@pytest.mark.parametrize("member", ["ledger.jsonl", "manifest.json", "proposals.json"])
@pytest.mark.parametrize(
    "hostile", [b"[" * 100_000, b"null\n", b'{"a":1}\n', b'{"format":2}', b"[[1]]\n", b"\xff"]
)
def test_hostile_json_is_named(made, tmp_path, member, hostile):
    members = _members(made[2]) | {member: hostile}
    assert len(handover_wrong(_written(members, tmp_path / "x.zip"))) >= 1


def test_a_zip_with_too_many_members_is_refused_before_they_are_listed(tmp_path, monkeypatch):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(10_001):
            archive.writestr(str(number), b"")
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("the list of members was read"))
    assert handover_wrong(path) == ["the zip holds more than an examination can"]


def test_a_zip_bomb_is_refused_unread(made, tmp_path):
    members = _members(made[2])
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            with archive.open(name, "w", force_zip64=True) as file:
                for _ in range(260 if name == "ledger.jsonl" else 0):
                    file.write(bytes(1 << 20))
                file.write(data)
    assert path.stat().st_size < 1 << 21
    assert "compressed in a way" in handover_wrong(path)[0] or "longer than" in handover_wrong(path)[0]


def test_a_file_name_that_leads_elsewhere_is_refused(made):
    folder, id, _ = made
    with Casebook(folder) as casebook, pytest.raises(HandoverError):
        handover(casebook, id, {"../x": b""}, "eva")


def test_an_examination_that_no_check_would_take_is_not_made(made, monkeypatch):
    folder, id, _ = made
    monkeypatch.setattr("examiner.exports.handover.MAX_BYTES", 1000)
    with Casebook(folder) as casebook, pytest.raises(HandoverError, match="too large"):
        handover(casebook, id, {}, "eva")
