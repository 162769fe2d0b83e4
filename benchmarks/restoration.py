"""How fast the watched plate follows a slider: in the program, and to the picture in a browser.

    python benchmarks/restoration.py [--moves N] [--browser /usr/bin/chromium]

Sliders are moved in a seeded order of times, depths and lamps. Milliseconds: median, 95th percentile, worst.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from examiner.page.training.desk import TrainingDesk
from examiner.people import alone


def moves(count: int, seed: int = 1) -> Iterator[dict[str, float]]:
    rng = np.random.default_rng(seed)
    state = {"ground_mm": 0.2, "dwell": 60.0, "strength": 1.0, "azimuth": 315.0, "elevation": 25.0}
    for _ in range(count):
        state["dwell"] = float(rng.uniform(0, 600))
        state["azimuth"] = float(rng.uniform(0, 360))
        state["elevation"] = float(rng.uniform(6, 85))
        state["ground_mm"] = float(rng.uniform(0, 0.5))
        yield dict(state)


def figures(milliseconds: list[float]) -> dict[str, float]:
    return {
        "median": round(float(np.median(milliseconds)), 1),
        "95 %": round(float(np.percentile(milliseconds, 95)), 1),
        "worst": round(max(milliseconds), 1),
    }


def in_program(count: int) -> list[float]:
    with tempfile.TemporaryDirectory() as room:
        desk = TrainingDesk(Path(room), alone("nobody"))
        taken = []
        for number, state in enumerate(moves(count + 1)):
            begun = time.perf_counter()
            desk.watch(state)
            if number:  # The first one makes the plate.
                taken.append(1000 * (time.perf_counter() - begun))
        desk.close()
    return taken


WAIT = """state => new Promise(done => {
  const image = document.querySelector('.watched'), slide = document.querySelector('.watch [name=azimuth]');
  const begun = performance.now();
  image.onload = () => done(performance.now() - begun);
  slide.value = state.azimuth; document.querySelector('.watch [name=dwell]').value = state.dwell;
  slide.dispatchEvent(new Event('input', { bubbles: true }));
})"""


def to_browser(count: int, chromium: str) -> list[float]:
    from playwright.sync_api import sync_playwright

    from examiner.page.training.server import start_training

    with tempfile.TemporaryDirectory() as room, sync_playwright() as play:
        running = start_training(Path(room) / "training", None)
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(running.address)
        page.wait_for_selector(".why li")
        taken = [page.evaluate(WAIT, state) for state in moves(count + 3)][3:]
        browser.close()
        running.stop()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    chosen = parser.parse_args()
    results: dict[str, Any] = {"machine": platform.processor() or platform.machine(), "moves": chosen.moves}
    results["in the program, ms"] = figures(in_program(chosen.moves))
    if Path(chosen.browser).exists():
        results["to the browser, ms"] = figures(to_browser(chosen.moves, chosen.browser))
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
