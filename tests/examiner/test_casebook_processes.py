"""Several threads and processes on one casebook, and processes that are killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

from examiner.casebook.casebook import Casebook
from examiner.examination import order_of_work as order
from examiner.examination.acts import Act, DeletePosition, DrawLine, Mode, Observe, Place
from examiner.examination.state import Examination
from tests.examiner.drawn import box, read

ROOT = Path(__file__).parents[2]


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from tests.examiner.drawn import box, read
from examiner.casebook.casebook import Casebook
from examiner.examination.acts import DrawLine, Mode, Observe, Place

casebook = Casebook(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.readline()
for round in range(int(sys.argv[3])):
    photo = Path(sys.argv[2])
    examination = sys.argv[5] if len(sys.argv) > 5 else casebook.begin(Mode.CASEWORK, [photo], "eva", "t")
    print(examination, flush=True)
    for number in range(10):
        casebook.act(examination, DrawLine(Place(0, box(0)), 1), "eva")
        print(examination, flush=True)
"""


def started(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def writer(casebook: Path, photo: Path, rounds: int, *examination: str) -> subprocess.Popen[str]:
    """A process that is ready to begin examinations and act on them, or to act on the one given."""
    process = started(
        WRITER, str(casebook), str(photo), str(rounds), str(Path(__file__).parent), *examination
    )
    assert process.stdout and process.stdout.readline() == "open\n"
    return process


def test_a_killed_process_loses_nothing_that_was_acknowledged(tmp_path, photo):
    moments = random.Random(4)
    folder = tmp_path / "killed"
    acknowledged: dict[str, int] = {}
    for _ in range(3):
        process = writer(folder, photo, 10_000)
        go(process)
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(moments.randint(10, 60))]
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
        process.communicate()
        for said in map(str.strip, lines):
            if len(said) == 32:
                acknowledged[said] = acknowledged.get(said, 0) + 1
    with Casebook(folder) as casebook:
        assert casebook.verify() == []
        found = {entry.id: len(casebook.history(entry.id)) for entry in casebook.examinations()}
        assert all(found.get(id, 0) >= count for id, count in acknowledged.items())
        # What was on the disk but not yet said, at most one line of each killed process.
        assert sum(found.values()) - sum(acknowledged.values()) <= 3
        assert sum(acknowledged.values()) >= 30


def test_two_processes_on_one_examination_do_not_interleave_wrongly(tmp_path, photo):
    folder = tmp_path / "shared"
    with Casebook(folder) as casebook:
        examination_id = casebook.begin(Mode.CASEWORK, [photo], "eva", "")
        processes = [writer(folder, photo, 5, examination_id) for _ in range(2)]
        for process in processes:
            go(process)
        seen: list[Examination] = []
        while any(process.poll() is None for process in processes):
            seen.append(casebook.examination(examination_id))
        for process in processes:
            process.communicate()
            assert process.returncode == 0
        assert [len(e.positions) for e in seen] == sorted(len(e.positions) for e in seen)
        positions = casebook.examination(examination_id).positions
        assert sorted(p.id for p in positions) == list(range(1, 101))
        assert sorted(p.line for p in positions) == list(range(100))
        assert casebook.verify() == []


def test_two_processes_may_create_one_casebook(tmp_path):
    create = """
import sys
from pathlib import Path
from examiner.casebook.casebook import Casebook
print("ready", flush=True)
sys.stdin.readline()
for number in range(15):
    Casebook(Path(sys.argv[1], str(number))).close()
"""
    processes = [started(create, str(tmp_path)) for _ in range(2)]
    for process in processes:
        assert process.stdout and process.stdout.readline() == "ready\n"
    for process in processes:
        go(process)
    assert [process.wait() for process in processes] == [0, 0]
    for number in range(15):
        with Casebook(tmp_path / str(number)) as casebook:
            assert casebook.verify() == []


def test_threads_do_not_get_in_each_others_way(tmp_path, photo):
    casebook = Casebook(tmp_path / "threads")
    ids = [casebook.begin(Mode.CASEWORK, [photo], "eva", "") for _ in range(2)]
    errors: list[Exception] = []

    def work(examination_id: str) -> None:
        try:
            for _ in range(15):
                casebook.act(examination_id, DrawLine(Place(0, box(0)), 1), "eva")
                casebook.photos(examination_id, check=True)
                casebook.examinations()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(ids[number % 2],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [len(casebook.examination(id).positions) for id in ids] == [30, 30]
    assert casebook.verify() == []
    casebook.close()


def test_an_act_waits_while_another_one_is_being_recorded(tmp_path, photo, monkeypatch):
    with Casebook(tmp_path / "one") as one, Casebook(tmp_path / "one") as other:
        examination_id = one.begin(Mode.CASEWORK, [photo], "eva", "")
        one.act(examination_id, DrawLine(Place(0, box(0, 40)), 2), "eva")
        apply = order.apply
        deleting = threading.Thread(target=other.act, args=(examination_id, DeletePosition(1), "eva"))

        def interrupted(examination: Examination, act: Act) -> Examination:
            if isinstance(act, Observe) and deleting.ident is None:
                deleting.start()
                deleting.join(0.3)
                assert deleting.is_alive()
            return apply(examination, act)

        monkeypatch.setattr(order, "apply", interrupted)
        one.act(examination_id, Observe(1, read()), "eva")
        deleting.join()
        assert [line.kind for line in one.history(examination_id)][2:] == ["observe", "delete_position"]
        assert one.verify() == []
