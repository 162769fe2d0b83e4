"""The comparison's bookkeeping: going on where a run stopped, and tables, without reading anything."""

import json
from concurrent.futures import ProcessPoolExecutor
from itertools import count

import pytest

from benchmarks.readers import (
    FORMAT,
    GIVEN,
    READERS,
    Run,
    Task,
    blank_table,
    characters_of,
    known,
    tasks_of,
    tier_table,
)
from pipelines.probability.calibration import fingerprint
from pipelines.probability.judging import judge_scored


def result(task: Task) -> dict:
    truth = "" if task.blank else "4827"
    judged = judge_scored([("4827", 0.9)], truth, 2.0).to_json()
    return {
        "format": FORMAT,
        "key": task.key,
        "weights": fingerprint(),
        "judged": {name: dict.fromkeys(GIVEN, judged) for name in READERS},
    }


class Pool(ProcessPoolExecutor):
    """Reads at once and counts."""

    def __init__(self) -> None:
        super().__init__(1)  # No process starts before something is submitted.
        self.read: list[str] = []

    def map(self, _function, tasks):  # type: ignore[override]
        for task in tasks:
            self.read.append(task.key)
            yield result(task)


def test_as_many_plates_are_read_as_hold_the_characters(tmp_path):
    pool = Pool()
    run = Run(pool, 1, tmp_path / "details.jsonl", {})
    done = run.plates(tasks_of("worn", 7), lambda some: characters_of(some) >= 9)
    assert [value["key"] for value in done] == ["worn 7", "worn 8", "worn 9"]


def test_a_run_goes_on_where_it_stopped(tmp_path):
    details = tmp_path / "details.jsonl"
    first = Pool()
    Run(first, 1, details, {}).plates(tasks_of("worn", 1), lambda some: len(some) >= 4)
    lines = details.read_text("utf-8").splitlines()
    other = json.dumps({**json.loads(lines[1]), "weights": "others"})
    details.write_text("\n".join([lines[0], other, lines[2], lines[3][:40]]), "utf-8")
    assert set(known(details)) == {"worn 1", "worn 3"}
    second = Pool()
    done = Run(second, 1, details, known(details)).plates(tasks_of("worn", 1), lambda some: len(some) >= 4)
    assert second.read == ["worn 2", "worn 4"]
    assert len(done) == 4 and set(known(details)) == {f"worn {seed}" for seed in range(1, 5)}
    assert known(None) == known(tmp_path / "none") == {}


def test_a_blank_plate_and_a_marked_one_of_one_seed_are_two(tmp_path):
    assert Task("worn", 1, True).key != Task("worn", 1, False).key
    blanks = (Task("worn", seed, True) for seed in count(1))
    done = Run(Pool(), 1, tmp_path / "d", {}).plates(blanks, lambda some: len(some) >= 2)
    assert characters_of(done) == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_tables_have_a_row_for_each_reader_and_what_it_was_given(rows):
    results = [result(Task("worn", seed, False)) for seed in range(rows)]
    lines = tier_table(results, 1, rounds=20)
    assert len(lines) == 2 + len(READERS) * len(GIVEN)
    assert len({line.count("|") for line in lines}) == 1
    assert "| ours | whole | 0.000 (0.000–0.000) | 1.000" in lines[2] and lines[2].endswith("| 2.0 |")
    alarms = blank_table([result(Task("worn", 1, True))], 1, rounds=20)
    assert alarms[2] == "| ours | whole | 1.000 (1.000–1.000) |"
