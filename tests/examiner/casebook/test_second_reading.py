"""A second examiner in a casebook: blind to the first reading and the proposal, taken in as it was locked."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from examiner.casebook.casebook import Casebook
from examiner.casebook.ledger import LedgerLine, canonical, line_hash
from examiner.casebook.signatures import public_hex
from examiner.casebook.verification import casebook_wrong
from examiner.examination.acts import Decide, DrawLine, Lock, Mode, Observe, OrderError, Phase, Place, Settle
from examiner.examination.permissions import Deed
from tests.examiner.drawn import box, proposal, read


def read_alone(casebook: Casebook, id: str, actor: str, text: str) -> None:
    casebook.act(id, DrawLine(Place(0, box(0, 10 * len(text))), len(text)), actor)
    for position, character in enumerate(text, 1):
        casebook.act(id, Observe(position, read(character)), actor)
    casebook.act(id, Lock(), actor)


def decided(casebook: Casebook, photo: Path, text: str = "AB") -> str:
    id = casebook.begin(Mode.CASEWORK, [photo], "eva", "Exhibit 1")
    read_alone(casebook, id, "eva", text)
    casebook.keep_proposal(id, proposal([box(0), box(10)]))
    casebook.reveal(id, "eva")
    for position, character in enumerate(text, 1):
        casebook.act(id, Decide(position, read(character)), "eva")
    return id


def test_two_examiners_read_settle_and_sign(casebook, photo):
    id = decided(casebook, photo)
    second = casebook.begin_second(id, "max")
    read_alone(casebook, second, "max", "AX")
    taken = casebook.take_second(id, "eva")
    assert [(p.final.reading, p.second.reading) for p in taken.positions] == [("A", "A"), ("B", "X")]
    casebook.act(id, Settle(2, replace(read("B"), reason="as first read")), "eva")
    with pytest.raises(OrderError, match="a reason is missing of position 2: max"):
        casebook.sign(id, "eva")
    casebook.act(id, Settle(2, replace(read("X"), reason="no lower bowl")), "max")
    with pytest.raises(OrderError, match="position 2: the first examiner"):
        casebook.sign(id, "max")
    for person, why in (("max", "seen again"), ("eva", "as first read")):
        settled = casebook.act(id, Settle(2, replace(read("B"), reason=why), by="forged"), person)
    assert settled.positions[1].settled_why == (("max", "seen again"), ("eva", "as first read"))
    keys = {name: Ed25519PrivateKey.generate() for name in ("eva", "max")}
    casebook.sign(id, "eva", keys["eva"])
    assert casebook.sign(id, "max", keys["max"]).phase is Phase.SIGNED
    known = {name: [public_hex(key)] for name, key in keys.items()}
    assert casebook_wrong(casebook.folder, keys=known) == []
    entries = {entry.id: entry for entry in casebook.examinations()}
    assert entries[id].phase is Phase.SIGNED and entries[second].second_of == id
    other = {**known, "max": [public_hex(Ed25519PrivateKey.generate())]}
    [wrong] = casebook_wrong(casebook.folder, keys=other)
    assert "max is known by" in wrong


def test_the_second_examiner_has_neither_read_nor_seen_it(casebook, photo):
    id = decided(casebook, photo)
    with pytest.raises(OrderError, match="somebody who has not"):
        casebook.begin_second(id, "eva")
    casebook.record_opened(id, "ann")
    casebook.record_opened(id, "ann")
    assert len([line for line in casebook.history(id) if line.kind == "view"]) == 1
    with pytest.raises(OrderError, match="somebody who has not"):
        casebook.begin_second(id, "ann")
    exercise = casebook.begin(Mode.TRAINING, [photo], "eva", "Exercise")
    with pytest.raises(OrderError, match="casework"):
        casebook.begin_second(exercise, "max")


def test_neither_sees_the_other_too_early(casebook, photo):
    id = decided(casebook, photo)
    second = casebook.begin_second(id, "max")
    with pytest.raises(OrderError, match="lock your own reading first"):
        casebook.refuse(id, "max", Deed.SEE)
    with pytest.raises(OrderError, match="seen after it was taken in"):
        casebook.refuse(second, "eva", Deed.SEE)
    casebook.refuse(id, "eva", Deed.SEE)
    casebook.refuse(second, "max", Deed.SEE)
    with pytest.raises(OrderError, match="no second examiner"):
        casebook.take_second(id, "eva")
    read_alone(casebook, second, "max", "AX")
    casebook.refuse(id, "max", Deed.SEE)
    casebook.take_second(id, "eva")
    casebook.refuse(second, "eva", Deed.SEE)


def test_no_proposal_is_kept_for_or_shown_in_a_second_reading(casebook, photo):
    second = casebook.begin_second(decided(casebook, photo), "max")
    with pytest.raises(OrderError):
        casebook.keep_proposal(second, proposal([box(0)]))
    read_alone(casebook, second, "max", "AX")
    with pytest.raises(OrderError):
        casebook.reveal(second, "max")
    assert casebook.proposal_in_view(second) is None


def _rewritten(folder: Path, change) -> None:
    """The ledger with changed lines and a fresh chain, as somebody could write it who has the file."""
    connection = sqlite3.connect(folder / "casebook.sqlite")
    rows = [LedgerLine(*row) for row in connection.execute("SELECT * FROM ledger ORDER BY seq")]
    for trigger in ("ledger_refuses_update", "ledger_refuses_delete", "ledger_refuses_insert"):
        connection.execute(f"DROP TRIGGER {trigger}")
    previous = "0" * 64
    for row in rows:
        content = canonical(change(row.kind, json.loads(row.content)))
        bare = LedgerLine(
            row.seq, *(row.examination, row.time, row.actor, row.kind, content), row.versions, previous, ""
        )
        previous = line_hash(bare)
        connection.execute(
            "UPDATE ledger SET content = ?, previous = ?, hash = ? WHERE seq = ?",
            (content, bare.previous, previous, row.seq),
        )
    connection.commit()
    connection.close()


def test_a_second_reading_that_was_changed_as_it_was_taken_in_is_found(casebook, photo):
    id = decided(casebook, photo)
    read_alone(casebook, casebook.begin_second(id, "max"), "max", "AX")
    casebook.take_second(id, "eva")
    casebook.close()

    def change(kind, value):
        if kind == "take_second":
            value["positions"][1]["reading"]["reading"] = "B"
        return value

    _rewritten(casebook.folder, change)
    found = casebook_wrong(casebook.folder)
    assert any("takes in something else than max read" in fault for fault in found)


def test_a_line_that_takes_in_another_act_is_found(casebook, photo):
    id = decided(casebook, photo)
    read_alone(casebook, casebook.begin_second(id, "max"), "max", "AX")
    casebook.take_second(id, "eva")
    casebook.close()
    told = {"act": "note_context", "note": "nothing", "examination": "", "reader": "max"}
    _rewritten(casebook.folder, lambda kind, value: told if kind == "take_second" else value)
    faults = casebook_wrong(casebook.folder)
    assert any(
        "takes in a second reading that cannot be one (the act is another one)" in fault for fault in faults
    )


def test_a_signature_does_not_fit_what_was_changed_before_it(casebook, photo):
    id = decided(casebook, photo)
    casebook.sign(id, "eva", Ed25519PrivateKey.generate())
    casebook.close()

    def change(kind, value):
        if kind == "decide":
            value["reading"]["reading"] = "Z"
        return value

    _rewritten(casebook.folder, change)
    assert any("the signature of eva does not fit" in fault for fault in casebook_wrong(casebook.folder))


def test_an_export_is_recorded_once(casebook, photo):
    id = decided(casebook, photo)
    for _ in range(2):
        recorded = casebook.record_export(id, "eva", "reading.json", b"{}")
        assert recorded == hashlib.sha256(b"{}").hexdigest()
    assert len([line for line in casebook.history(id) if line.kind == "export"]) == 1
