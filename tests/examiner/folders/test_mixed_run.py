"""A run of 400 mixed photographs, killed with -9 again and again and resumed: as one uninterrupted run."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
import tifffile
from PIL import Image

from examiner.folders.results.file import results_in

COUNT = 400
KILLS = 4


def photograph(random: np.random.Generator) -> np.ndarray:
    """A small plate with a word struck into it, uint8."""
    pixels = random.integers(120, 150, (64, 160)).astype(np.uint8)
    word = "".join(random.choice(list("ABCDEFGHKLMNPRSTXYZ0123456789"), 6))
    cv2.putText(pixels, word, (8, 42), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 40, 2, cv2.LINE_AA)
    return pixels


def write_archive(folder: Path, count: int) -> int:
    """JPEG, PNG, TIFF of 8 and 16 bit, BMP, WebP, HEIC, stacks of several pictures, turned by EXIF, cut off,
    empty, renamed; single, in series and nested. Returns the number of files."""
    random = np.random.default_rng(23)
    written = 0
    while written < count:
        number = written // 10
        place = folder / f"{number % 7}" / f"case {number} Ωмега 銃"
        place.mkdir(parents=True, exist_ok=True)
        pictures = [photograph(random) for _ in range(3)]
        whole = cv2.imencode(".png", pictures[0])[1].tobytes()
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.fromarray(pictures[0]).save(place / "0.jpg", quality=90)
        Image.fromarray(pictures[1]).save(place / "1.jpg", quality=90, exif=exif)
        (place / "2.png").write_bytes(whole)
        tifffile.imwrite(place / "3.tif", pictures[1].astype(np.uint16) * 257)
        tifffile.imwrite(place / "4.tif", np.stack(pictures))
        cv2.imwrite(str(place / "5.bmp"), pictures[2])
        cv2.imwrite(str(place / "6.webp"), pictures[2])
        pillow_heif.from_pillow(Image.fromarray(pictures[2]).convert("RGB")).save(place / "7.heic")
        (place / "8.png").write_bytes(whole[: len(whole) // (2 + number % 3)])
        (place / "9.jpg").write_bytes((b"", whole, b"no photograph")[number % 3])
        written += 10
    return written


def command(archive: Path, out: Path, *more: str) -> list[str]:
    return [
        *(sys.executable, "-c", "from examiner.cli import main; main()", "read", str(archive)),
        *("--out", str(out), "--readers", "general", "--workers", "2", *more),
    ]


def values(out: Path) -> dict[str, dict]:
    return {
        result.series: json.loads(json.dumps({**result.proposal.to_json(), "key": result.key, "seconds": 0}))
        for result in results_in(out)
    }


@pytest.mark.long
@pytest.mark.parametrize("suffix", [".sqlite", ".jsonl"])
def test_killed_and_resumed_it_gives_what_one_run_gives(tmp_path, suffix):
    archive = tmp_path / "archive"
    assert write_archive(archive, COUNT) == COUNT
    series = ["--each-photo"] if suffix == ".sqlite" else []
    whole, out = tmp_path / f"whole{suffix}", tmp_path / f"killed{suffix}"
    once = subprocess.run(command(archive, whole, *series), capture_output=True, text=True, check=False)
    assert once.returncode == 3, once.stderr
    expected = values(whole)
    assert len(expected) == (COUNT if series else COUNT // 10)
    for kill in range(1, KILLS + 1):
        more = ["--resume"] if out.exists() else []
        begun = subprocess.Popen(
            [*command(archive, out, *series, *more), "--out", "-"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert begun.stdout is not None
        for _ in range(len(expected) // (2 * KILLS)):
            assert begun.stdout.readline()
        os.killpg(begun.pid, signal.SIGKILL)  # The workers as well, as when the power fails.
        begun.wait()
        begun.stdout.close()
        assert len(values(out)) >= kill
    assert len(values(out)) < len(expected)
    ended = subprocess.run(
        command(archive, out, *series, "--resume"), capture_output=True, text=True, check=False
    )
    assert ended.returncode == 3, ended.stderr
    assert values(out) == expected
