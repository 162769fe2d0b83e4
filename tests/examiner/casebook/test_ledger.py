"""The ledger: what is refused, and that every change made around it is found."""

from __future__ import annotations

import json
import math
import sqlite3
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examiner.casebook import ledger
from examiner.casebook.ledger import GENESIS, LedgerError, append, canonical, head, line_hash, lines, verify

TEXT_COLUMNS = ["examination", "time", "actor", "kind", "content", "versions", "previous", "hash"]


@pytest.fixture
def connection(tmp_path):
    connection = ledger.connect(tmp_path / "ledger.sqlite")
    ledger.create(connection)
    for number in range(3):
        add(connection, number)
    yield connection
    connection.close()


def add(connection, number=0, **other):
    fields = {
        "examination": "e" * 32,
        "actor": "Żaneta",
        "kind": "observe",
        "content": {"reading": "АБ", "number": number},
        "versions": {"python": "3"},
    }
    return append(connection, **{**fields, **other})


def without_triggers(connection):
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")


def test_a_sound_ledger_has_nothing_wrong(connection):
    assert verify(connection) is None
    assert verify(connection, head(connection)) is None
    assert verify(connection, lines(connection)[0].hash) is None
    assert [line.seq for line in lines(connection)] == [1, 2, 3]


def test_an_empty_ledger_has_the_genesis_as_head(tmp_path):
    connection = ledger.connect(tmp_path / "empty.sqlite")
    ledger.create(connection)
    assert head(connection) == GENESIS
    assert verify(connection, GENESIS) is None
    assert verify(connection, "a" * 64) is not None
    connection.close()


def test_a_line_carries_the_hash_of_the_one_before(connection):
    first, second, _ = lines(connection)
    assert first.previous == GENESIS
    assert second.previous == first.hash == line_hash(first)
    assert second.value() == {"reading": "АБ", "number": 1}
    assert second.content == '{"number":1,"reading":"АБ"}'


def test_lines_can_be_chosen(connection):
    other = add(connection, examination=None, kind="account")
    assert lines(connection, "e" * 32, after=1, kind="observe") == lines(connection)[1:3]
    assert lines(connection, kind="account") == [other]
    assert lines(connection, "none") == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET actor = 'x' WHERE seq = 2",
        "UPDATE OR REPLACE ledger SET seq = 1 WHERE seq = 3",
        "DELETE FROM ledger WHERE seq = 3",
        "DELETE FROM ledger",
        f"INSERT OR REPLACE INTO ledger SELECT {ledger._COLUMNS} FROM ledger WHERE seq = 2",
        f"REPLACE INTO ledger SELECT {ledger._COLUMNS} FROM ledger WHERE seq = 3",
        "INSERT INTO ledger SELECT 9, examination, time, actor, kind, content, versions, previous, hash "
        "FROM ledger WHERE seq = 2",
        "INSERT OR REPLACE INTO ledger(time, actor, kind, content, versions, previous, hash) "
        "VALUES ('', '', '', '', '', '', '')",
    ],
)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_changing_statements_are_refused(connection, statement, recursive):
    connection.execute(f"PRAGMA recursive_triggers={recursive}")
    before = lines(connection)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    assert lines(connection) == before


def test_a_column_holds_its_type_only(connection):
    without_triggers(connection)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE ledger SET content = x'00' WHERE seq = 1")


@pytest.mark.parametrize("seq", [1, 2, 3])
@pytest.mark.parametrize("column", TEXT_COLUMNS)
def test_every_changed_byte_is_found(connection, seq, column):
    without_triggers(connection)
    query = f"SELECT CAST({column} AS BLOB) FROM ledger WHERE seq = ?"
    data = connection.execute(query, (seq,)).fetchone()[0]
    for place in range(len(data)):
        for changed in (
            bytes([data[place] ^ 1]),
            b"\xff",
            b"\x00",
            b"",
            data[place : place + 1] * 2,
        ):
            connection.execute("BEGIN")
            connection.execute(
                f"UPDATE ledger SET {column} = CAST(? AS TEXT) WHERE seq = ?",
                (data[:place] + changed + data[place + 1 :], seq),
            )
            wrong = verify(connection)
            connection.rollback()
            assert wrong is not None and wrong.startswith(f"ledger line {seq}:"), (place, changed, wrong)


@pytest.mark.parametrize("seq", [1, 2, 3])
@pytest.mark.parametrize("other", [-1, 0, 4, 5, 2**62])
def test_a_changed_number_is_found(connection, seq, other):
    without_triggers(connection)
    connection.execute("UPDATE ledger SET seq = ? WHERE seq = ?", (other, seq))
    wrong = verify(connection)
    assert wrong is not None and wrong.startswith("ledger line")


def test_an_examination_that_is_taken_away_is_found(connection):
    without_triggers(connection)
    connection.execute("UPDATE ledger SET examination = NULL WHERE seq = 2")
    assert "line 2" in (verify(connection) or "")


def test_a_missing_line_is_named(connection):
    without_triggers(connection)
    connection.execute("DELETE FROM ledger WHERE seq = 2")
    assert verify(connection) == "ledger line 2: missing, the next one is line 3"


def test_swapped_lines_are_found(connection):
    without_triggers(connection)
    for old, new in ((1, 9), (2, 1), (9, 2)):
        connection.execute("UPDATE ledger SET seq = ? WHERE seq = ?", (new, old))
    assert "line 1: its hash" in (verify(connection) or "")


def rewrite(connection, line):
    """Puts a line in place of the one with its number, with a hash that fits it."""
    changed = replace(line, hash=line_hash(line))
    fields = {name: value for name, value in asdict(changed).items() if name != "seq"}
    names = ", ".join(f"{name} = ?" for name in fields)
    connection.execute(f"UPDATE ledger SET {names} WHERE seq = ?", (*fields.values(), line.seq))
    return changed


def test_a_line_changed_with_its_hash_breaks_the_chain_after_it(connection):
    without_triggers(connection)
    rewrite(connection, replace(lines(connection)[1], actor="somebody else"))
    assert "line 3: does not follow" in (verify(connection) or "")


def test_truncation_and_rewriting_are_found_with_the_head_only(connection):
    noted = head(connection)
    triggers = [
        sql
        for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    ]
    without_triggers(connection)
    last = lines(connection)[2]
    rewrite(connection, replace(last, actor="somebody else"))
    for trigger in triggers:
        connection.execute(trigger)
    assert verify(connection) is None
    assert "written anew" in (verify(connection, noted) or "")

    without_triggers(connection)
    connection.execute("DELETE FROM ledger WHERE seq = 3")
    for trigger in triggers:
        connection.execute(trigger)
    assert verify(connection) is None
    assert "no line has the noted head hash" in (verify(connection, noted) or "")


def test_missing_triggers_are_named(connection):
    connection.execute("DROP TRIGGER ledger_refuses_delete")
    assert verify(connection) == "ledger: missing or changed triggers: ledger_refuses_delete"


def test_a_dropped_table_is_named(connection):
    connection.execute("DROP TABLE ledger")
    assert "cannot be read" in (verify(connection) or "")


def test_a_table_of_another_making_is_named(connection):
    connection.execute("DROP TABLE ledger")
    connection.execute(f"CREATE TABLE ledger ({ledger._COLUMNS})")
    connection.execute("INSERT INTO ledger VALUES (1, x'00', 2, NULL, 4, x'ff', 5, 6, 7)")
    assert "cannot be read" in (verify(connection) or "")


@pytest.mark.parametrize(
    "content",
    [
        {"x": math.nan},
        {"x": [math.inf]},
        {"x": "\ud800"},
        {"x": b""},
        {"x": {1, 2}},
        {"x": object()},
        {1: 1, "1": 2, None: 3},
    ],
)
def test_what_has_no_canonical_form_is_not_recorded(connection, content):
    before = head(connection)
    with pytest.raises(LedgerError):
        add(connection, content=content)
    assert head(connection) == before
    assert not connection.in_transaction


@pytest.mark.parametrize("other", [{"actor": " "}, {"actor": "\udcff"}, {"kind": ""}])
def test_a_line_names_who_did_what(connection, other):
    with pytest.raises(LedgerError):
        add(connection, **other)


def test_a_rolled_back_line_leaves_no_gap(connection):
    before = lines(connection)
    with pytest.raises(RuntimeError), ledger.transaction(connection):
        add(connection)
        raise RuntimeError
    assert lines(connection) == before
    add(connection)
    assert verify(connection) is None


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"])),
    ),
    lambda inner: st.one_of(
        st.lists(inner), st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
)


@given(values)
def test_canonical_json_is_one_text_per_value(value):
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text
