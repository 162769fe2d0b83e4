"""Memory stays flat however many photographs there are.

The short form counts what each photograph leaves behind in one process, and holds that the count sees a leak
of 1 MB a photograph. `make test-long` runs the command with its pool: 150 photographs of 2 megapixels against
30.
"""

import ctypes
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("resource", reason="this system does not count the peak of a process")

WARM, COUNTED = 6, 6
"""Photographs until everything that is loaded once is loaded; photographs over which growth is counted."""

ALLOWED = 0.25
"""Megabytes by which the memory in use may grow with each photograph."""

FEW, MANY = 30, 150
"""Photographs of the long form."""

LEAK = 1.0
"""Megabytes a photograph that must be seen."""

GROWTH = """
import ctypes, gc, json, sys
from pathlib import Path
import examiner.folders.run as folder_run
from examiner.folders.results.file import results_to
from examiner.folders.series import Options, series_in

FIELDS = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"

class InUse(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in FIELDS.split()]

# What is given out and not given back: the peak of the process hides a leak that fits into freed memory.
count_memory = ctypes.CDLL(None).mallinfo2
count_memory.restype = InUse

folder, out, leak_from, leak = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
kept, used, read_job = [], [], folder_run.read_job

def leaking(job):
    if len(used) >= leak_from:
        kept.append(b"x" * leak)
    return read_job(job)

folder_run.read_job = leaking
options = Options(readers=("general",))
with results_to(out, False) as results:
    for done in folder_run.run(series_in([folder], True, options), options, folder_run.Where()):
        results.write(done.result)
        gc.collect()
        memory = count_memory()
        used.append((memory.uordblks + memory.hblkhd) / 1e6)
print(json.dumps(used))
"""

PEAK = """
import json, resource, sys
from pathlib import Path
from typer.testing import CliRunner
from examiner.cli import application
from examiner.folders.results.file import rows_in
command = ["read", sys.argv[1], "--each-photo", "--out", sys.argv[2], *sys.argv[3:]]
done = CliRunner().invoke(application, command)
assert done.exit_code == 0, (done.exit_code, done.output, done.exception)
peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps([len(list(rows_in(Path(sys.argv[2])))), *peaks]))
"""


def archive(folder: Path, count: int, size: tuple[int, int]) -> Path:
    """Photographs of bare metal of this width and height, all different."""
    folder.mkdir()
    width, height = size
    base = np.random.default_rng(1).integers(90, 160, (height, width), np.uint8)
    for number in range(count):
        pixels = np.roll(base, 7 * number, axis=1)
        pixels[0, :2] = number // 256, number % 256
        (folder / f"{number}.png").write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return folder


def printed(script: str, *arguments: object) -> list[float]:
    """The list that the script prints last, run in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    numbers: list[float] = json.loads(done.stdout.splitlines()[-1])
    return numbers


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallinfo2"), reason="this system's C library does not count its memory"
)
def test_a_photograph_leaves_nothing_behind_and_a_megabyte_left_behind_is_seen(tmp_path):
    count = WARM + COUNTED + COUNTED
    photographs = archive(tmp_path / "archive", count, (96, 48))
    used = printed(GROWTH, photographs, tmp_path / "r.jsonl", WARM + COUNTED, int(LEAK * 1e6))
    assert len(used) == count
    clean, leaking = ((used[end - 1] - used[end - 1 - COUNTED]) / COUNTED for end in (WARM + COUNTED, count))
    assert clean < ALLOWED < leaking


@pytest.mark.long
@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_peak_for_many_is_that_for_few(tmp_path, workers):
    """In the process that gives out the work and in those that read. 1 MB a photograph would be 120 MB."""
    options = ("--readers", "general", "--workers", workers)
    few, many = (
        printed(
            PEAK, archive(tmp_path / f"{count}", count, (1640, 1230)), tmp_path / f"{count}.sqlite", *options
        )
        for count in (FEW, MANY)
    )
    assert (few[0], many[0]) == (FEW, MANY)
    for at_few, at_many in zip(few[1:], many[1:], strict=True):
        assert at_many <= 1.2 * at_few
