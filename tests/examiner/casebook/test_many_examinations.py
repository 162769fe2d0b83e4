"""A casebook with 2,000 examinations: what a keystroke costs, in queries and parses, not in seconds."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import DrawLine, Mode, Observe, Place
from tests.examiner.drawn import box, read
from tests.examiner.whole_case import plate

EXAMINATIONS = 2000


class Counted:
    """Statements and parses of JSON while it counts."""

    def __init__(self, casebook: Casebook, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: list[str] = []
        self.parses = 0
        casebook._database.connection.set_trace_callback(self.statements.append)
        loads = json.loads

        def counted(*arguments: Any, **options: Any) -> Any:
            self.parses += 1
            return loads(*arguments, **options)

        monkeypatch.setattr(json, "loads", counted)

    def of(self, work: Any) -> tuple[int, int]:
        self.statements.clear()
        self.parses = 0
        work()
        return len(self.statements), self.parses


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = tmp_path_factory.mktemp("many")
    with Casebook(room / "casebook") as casebook:
        first = casebook.begin(Mode.CASEWORK, [plate(room / "a.png")], "eva", "Exhibit 0")
        content = casebook.history(first)[0].value()
        with casebook.only_writer():
            for number in range(1, EXAMINATIONS):
                photo = {**content["photos"][0], "sha256": f"{number:064x}"}
                casebook._begun({**content, "title": f"Exhibit {number}", "photos": [photo]}, "eva")
    return room / "casebook"


def test_a_keystroke_costs_no_more_with_2000_examinations(folder, monkeypatch, tmp_path):
    def cost(casebook: Casebook) -> list[tuple[int, int]]:
        id = casebook.examinations()[-1].id
        counted = Counted(casebook, monkeypatch)
        # What is there already is read once.
        casebook.act(id, DrawLine(Place(0, box(0)), 2), "eva")
        costs = []
        for act in (Observe(1, read("A")), Observe(1, read("B"))):
            costs.append(counted.of(partial(casebook.act, id, act, "eva")))
        costs.append(counted.of(casebook.examinations))
        monkeypatch.undo()
        return costs

    with Casebook(tmp_path / "small") as small:
        small.begin(Mode.CASEWORK, [plate(tmp_path / "b.png", 2)], "eva", "Exhibit 1")
        few = cost(small)
    with Casebook(folder) as casebook:
        assert len(casebook.examinations()) == EXAMINATIONS
        many = cost(casebook)
    assert many == few
    assert few[-1] == (1, 0)


def test_the_list_follows_what_others_write_and_forgets_what_was_taken_back(folder, tmp_path):
    with Casebook(folder) as casebook, Casebook(folder) as other:
        before = casebook.examinations()
        id = other.begin(Mode.CASEWORK, [plate(tmp_path / "c.png", 3)], "max", "Exhibit new")
        assert [entry.id for entry in casebook.examinations()] == [*(e.id for e in before), id]
        content = casebook.history(id)[0].value()
        with pytest.raises(ZeroDivisionError), casebook.only_writer():
            casebook._begun(content, "eva")
            assert len(casebook.examinations()) == len(before) + 2
            raise ZeroDivisionError
        assert len(casebook.examinations()) == len(before) + 1
