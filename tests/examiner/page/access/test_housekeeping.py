"""Memory and disk of a served page: one cache for all, bounded; files beyond a bound are removed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from examiner.page.access.housekeeping import bounded
from examiner.page.pictures.pixel_cache import PixelCache
from examiner.page.window_state import Opened, WindowLooks
from tests.examiner.page.over_http import Window


def test_a_cache_holds_no_more_bytes_than_its_bound_and_drops_what_was_used_longest_ago():
    cache = PixelCache(1000)
    made = []

    def make(name: str, size: int) -> np.ndarray:
        made.append(name)
        return np.zeros(size, np.uint8)

    def ask(name: str, size: int = 400) -> None:
        assert cache.get(name, lambda: make(name, size), lambda pixels: pixels.nbytes).nbytes == size
        assert cache.held_bytes <= max(1000, size)

    for name in ("a", "b", "a", "c", "a", "b"):
        ask(name)
    assert made == ["a", "b", "c", "b"]
    ask("large", 5000)
    assert cache.held_bytes == 5000
    ask("a")
    assert cache.held_bytes == 400


def test_files_used_longest_ago_are_removed_beyond_the_bound(tmp_path):
    for number in range(5):
        path = tmp_path / f"{number}.png"
        path.write_bytes(bytes(100))
        os.utime(path, (number, number))
    assert bounded(tmp_path, 250, used_before=10) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3.png", "4.png"]
    assert bounded(tmp_path, 0, used_before=4) == 1
    assert bounded(tmp_path / "none", 0, used_before=4) == 0


def test_a_window_that_gradio_forgot_goes_on_with_what_it_shows():
    looks = WindowLooks(kept=2)
    shown = replace(Opened(), examination="e", photo=3)
    assert looks.of("eva", "window", shown, "e") == shown
    assert looks.of("eva", "window", Opened(), "e") == shown
    assert looks.of("max", "window", Opened(), "e") == Opened()
    assert looks.of("eva", "window", Opened(), "another") == Opened()
    for session in ("x", "y"):
        looks.of("eva", session, shown, "e")
    assert looks.of("eva", "window", Opened(), "e") == Opened()


def test_windows_beyond_those_that_gradio_holds_stay_usable(
    monkeypatch, start_page: Callable, photographs, tmp_path
):
    from examiner.casebook.casebook import Casebook
    from tests.examiner.page.over_http import entered_at

    monkeypatch.setattr("examiner.page.web_server.WINDOWS", 3)
    running = start_page()
    page = entered_at(running.address, tmp_path / "casebook")
    with page.client() as client:
        config = client.get("config").json()
    first = Window(page.address, config, "first", [], dict(page.cookies))
    first.upload(photographs[:1], ["a.png"])
    casebook = Casebook(page.folder)
    id = casebook.examinations()[-1].id
    first.send("look", {"examination": id, "photo": 0, "recipe": "as_taken"})
    for number in range(6):
        Window(page.address, config, f"other {number}", [], dict(page.cookies)).send("load", None, [])
    assert "first" not in running.blocks.state_holder.session_data
    band = {"frame": 0, "quad": [[100, 100], [300, 100], [300, 180], [100, 180]]}
    act = {"act": "draw_line", "place": band, "count": 4}
    first.send("draw", {"examination": id, "act": act, "reply": 1})
    assert len(casebook.examination(id).positions) == 4


def test_an_earlier_runs_files_are_removed_at_the_start(start_page, tmp_path):
    cache = tmp_path / "casebook" / "page" / "cache"
    left = cache / "0123" / "photo.png"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"of nobody")
    start_page()
    assert not left.exists()
