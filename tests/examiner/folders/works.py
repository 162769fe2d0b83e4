"""Work for a pool's processes, found there by name: quick, and bad in all the ways a reader can be."""

import os
import signal
from pathlib import Path


def squared(number: int) -> int:
    return number * number


def stubborn(item: tuple[str, str]) -> str:
    """`what` it does, counted in a file of the folder `where`: "hangs" for ever, "dies", "dies once"."""
    what, where = item
    with (Path(where) / what).open("a") as count:
        count.write("x")
    if what.startswith("hangs"):
        signal.pause()
    if what == "dies" or (what == "dies once" and tries(Path(where), what) == 1):
        os._exit(9)
    return f"{what}: made"


def tries(where: Path, what: str) -> int:
    return len((where / what).read_text())


def settings(_asked: int) -> dict[str, str]:
    import cv2

    return {
        "opencv": str(cv2.getNumThreads()),
        **{name: os.environ[name] for name in ("EXAMINER_THREADS", "OMP_THREAD_LIMIT")},
        "pid": str(os.getpid()),
    }
