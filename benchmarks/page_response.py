"""How fast the page answers by itself, in a browser.

    python benchmarks/page_response.py [--times N] [--browser /usr/bin/chromium]

A sample photograph is opened for casework, four positions are placed, and no reader works. Milliseconds:
median, 95th percentile, worst. `position`: from a key in a cell until the next cell has the focus and a frame
was painted. `place`: from a click on a cell of the time strip until its place is drawn on the photograph and
a frame was painted.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from examiner.page.environment import prepare_environment
from examiner.validation.table import released_only

TO_POSITION = """async () => {
  const start = performance.now(), cell = document.activeElement;
  cell.dispatchEvent(new KeyboardEvent("keydown", { key: "8", bubbles: true }));
  await new Promise((painted) => requestAnimationFrame(painted));
  const took = performance.now() - start;
  if (document.activeElement === cell) throw new Error("the focus did not move");
  return took;
}"""

TO_PLACE = """async (column) => {
  const start = performance.now();
  document.querySelector(`#timestrip .row [data-column="${column}"]`).click();
  await new Promise((painted) => requestAnimationFrame(painted));
  const took = performance.now() - start;
  const place = document.querySelector("#viewer .place .number").textContent;
  if (place !== String(column + 1)) throw new Error("another place");
  return took;
}"""


def figures(milliseconds: list[float]) -> dict[str, float]:
    return {
        "median": round(float(np.median(milliseconds)), 1),
        "95 %": round(float(np.percentile(milliseconds, 95)), 1),
        "worst": round(max(milliseconds), 1),
    }


def opened(page: Any, address: str) -> None:
    """The photograph with four positions."""
    photograph = files("sample_images") / "01_intact_stamped" / "frame_01.jpg"
    page.goto(address)
    page.set_input_files("#photographs input[type=file]", str(photograph))
    page.wait_for_selector(".invite:not([hidden])")
    for name, value in (("x0", 300), ("y0", 300), ("x1", 900), ("y1", 420), ("count", 4)):
        page.locator(f"input[name={name}]").fill(str(value))
    page.locator("button[name=place]").click()
    page.wait_for_function("() => document.querySelectorAll('#strip .cell').length === 4")


def measured(times: int, chromium: str) -> dict[str, list[float]]:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as room, sync_playwright() as playwright:
        folder = Path(room) / "casebook"
        prepare_environment(folder)
        from examiner.page.server import start

        running = start(folder, "127.0.0.1", None, False, released_only)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(120_000)
        opened(page, running.address)
        took: dict[str, list[float]] = {"position": [], "place": []}
        for number in range(times):
            page.locator("#strip .cell").nth(number % 3).focus()
            took["position"].append(page.evaluate(TO_POSITION))
        page.keyboard.press("F4")
        page.wait_for_function("() => document.querySelectorAll('#timestrip .crop').length === 4")
        for number in range(times):
            took["place"].append(page.evaluate(TO_PLACE, number % 4))
        browser.close()
        running.stop()
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--browser", default="/usr/bin/chromium")
    chosen = parser.parse_args()
    figures_of: dict[str, Any] = {
        "machine": platform.processor() or platform.machine(),
        "gradio": version("gradio"),
        "times": chosen.times,
    }
    for name, milliseconds in measured(chosen.times, chosen.browser).items():
        figures_of[f"{name}, ms"] = figures(milliseconds)
    print(json.dumps(figures_of, indent=2))


if __name__ == "__main__":
    main()
