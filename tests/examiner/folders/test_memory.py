"""Memory stays flat however many photographs there are.

`make soak` (EXAMINER_SOAK=1) runs the long form: 2,000 photographs of 2 megapixels against 50.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

LONG = bool(os.environ.get("EXAMINER_SOAK"))
FEW, MANY = (50, 2000) if LONG else (2, 10)
WIDTH, HEIGHT = (1640, 1230) if LONG else (96, 48)
MORE = 1.2

PEAK = """
import json, resource, sys
from typer.testing import CliRunner
from examiner.cli import application
from examiner.folders.results.file import rows_in
from pathlib import Path
command = ["read", sys.argv[1], "--each-photo", "--out", sys.argv[2], *sys.argv[3:]]
done = CliRunner().invoke(application, command)
assert done.exit_code == 0, (done.exit_code, done.output, done.exception)
peaks = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
print(json.dumps([len(list(rows_in(Path(sys.argv[2])))), max(peaks)]))
"""


def archive(folder: Path, count: int) -> Path:
    """Photographs of bare metal, all different."""
    folder.mkdir()
    base = np.random.default_rng(1).integers(90, 160, (HEIGHT, WIDTH), np.uint8)
    for number in range(count):
        pixels = np.roll(base, 7 * number, axis=1)
        pixels[0, :2] = number // 256, number % 256
        (folder / f"{number}.png").write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    return folder


def peak(folder: Path, out: Path, *more: str) -> tuple[int, int]:
    """How many series were read, and the most memory that any of the processes had, in kilobytes."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, folder, out, "--readers", "general", *more],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    count, kilobytes = json.loads(done.stdout.splitlines()[-1])
    return count, kilobytes


@pytest.mark.parametrize("workers", ["1", "2"] if LONG else ["1"])
def test_the_peak_for_many_is_that_for_few(tmp_path, workers):
    few, at_few = peak(archive(tmp_path / "few", FEW), tmp_path / "few.sqlite", "--workers", workers)
    many, at_many = peak(archive(tmp_path / "many", MANY), tmp_path / "many.sqlite", "--workers", workers)
    assert (few, many) == (FEW, MANY)
    assert at_many <= MORE * at_few
