"""The gate over HTTP, without a browser: what leaves the server before the lock, and what it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from examiner.casebook import Casebook
from examiner.records import Phase

from .conftest import SECRET, Page, Window, box

BAND = {"act": "draw_line", "place": {"frame": 0, "quad": box(100, 100, 300, 180)}, "count": 4}
DEFINITE = {"state": "definite", "reading": "8", "alternatives": [], "reason": ""}
HOSTILE_NAME = "<img src=x onerror=alert(1)>.jpg"


@pytest.fixture
def case(page: Page, window: Callable[[], Window], photographs: list[Path]) -> Any:
    """A casework examination of two photographs, opened in a window; returns (window, casebook, id)."""
    opened = window()
    opened.upload(photographs, ["a.png", "b.png"])
    casebook = Casebook(page.folder)
    return opened, casebook, casebook.examinations()[-1].id


def act(window: Window, id: str, content: Any, event: str = "act") -> str:
    return window.send(event, {"examination": id, "act": content, "reply": 1})


def observe(position: int, reading: Any = DEFINITE) -> dict[str, Any]:
    return {"act": "observe", "position": position, "reading": reading}


def read_and_lock(window: Window, id: str) -> None:
    act(window, id, BAND, "draw")
    for position in (1, 2, 3, 4):
        act(window, id, observe(position))
    window.send("step", {"examination": id, "step": "lock"})


def test_nothing_of_the_machine_leaves_before_the_reveal(case: Any) -> None:
    window, casebook, id = case
    read_and_lock(window, id)
    window.send("look", {"examination": id, "photo": 1, "recipe": "even_light"})
    assert casebook.examination(id).phase is Phase.LOCKED
    for trace in (SECRET, "0.61234", "3.25", '"marks"', '"proposed": {'):
        assert trace not in window.everything()
    assert all(set(re.findall(r'"proposed":\s*(\w+)', text)) <= {"null"} for text in window.received)
    window.send("step", {"examination": id, "step": "reveal"})
    assert casebook.examination(id).phase is Phase.REVEALED
    assert SECRET in window.everything()


def test_a_proposal_kept_early_stays_inside(case: Any) -> None:
    from pipelines.propose import Source

    from .conftest import proposal_of

    window, casebook, id = case
    casebook.keep_proposal(id, proposal_of([Source(photo.path) for photo in casebook.photos(id)]))
    read_and_lock(window, id)
    assert SECRET not in window.everything() and "0.61234" not in window.everything()


FORGED: list[tuple[str, dict[str, Any]]] = [
    ("step", {"step": "reveal"}),
    ("step", {"step": "sign"}),
    ("step", {"step": "lock"}),
    ("step", {"step": "open the gate"}),
    ("act", {"act": {"act": "decide", "position": 1, "reading": DEFINITE}}),
    ("act", {"act": {"act": "reveal", "proposal_sha256": "0" * 64, "positions": []}}),
    ("act", {"act": {"act": "lock"}}),
    ("act", {"act": {"act": "sign"}}),
    ("act", {"act": observe(999)}),
    ("act", {"act": observe(-1)}),
    ("act", {"act": observe(1.5)}),  # type: ignore[arg-type]
    ("act", {"act": observe(True)}),
    ("act", {"act": observe(1, {**DEFINITE, "state": "certain"})}),
    ("act", {"act": observe(1, {**DEFINITE, "reading": "8" * 17})}),
    ("act", {"act": observe(1, {**DEFINITE, "reading": "8\u0000"})}),
    ("act", {"act": observe(1, {**DEFINITE, "reading": ["8"]})}),
    ("act", {"act": observe(1, {**DEFINITE, "reason": "x" * 2001})}),
    ("act", {"act": observe(1, None)}),
    ("act", {"act": "observe"}),
    ("act", {"act": None}),
    ("draw", {"act": {**BAND, "count": 61}}),
    ("draw", {"act": {**BAND, "count": 10**9}}),
    ("draw", {"act": {**BAND, "place": {"frame": 7, "quad": box(0, 0, 9, 9)}}}),
    ("draw", {"act": {**BAND, "place": {"frame": 0, "quad": box(9000, 9000, 9400, 9100)}}}),
    ("draw", {"act": {**BAND, "place": {"frame": 0, "quad": [[None, 0], [1, 0], [1, 1], [0, 1]]}}}),
    ("look", {"photo": 99, "recipe": "as_taken"}),
    ("look", {"photo": 0, "recipe": "../../etc/passwd"}),
    ("look", {"photo": "0", "recipe": {}}),
]


def test_forged_events_are_refused_and_change_nothing(case: Any) -> None:
    window, casebook, id = case
    act(window, id, BAND, "draw")
    before = casebook.examination(id), casebook.head()
    for event, data in FORGED:
        answer = window.send(event, {"examination": id, "reply": 1, **data})
        assert (casebook.examination(id), casebook.head()) == before, (event, data)
        assert "Traceback" not in answer
    for nonsense in (None, [], "x", 7, {"examination": id}, {"examination": {}, "act": []}):
        for event in ("act", "step", "look", "draw", "open"):
            window.send(event, nonsense)
            assert (casebook.examination(id), casebook.head()) == before, (event, nonsense)
    assert SECRET not in window.everything()


def test_another_windows_examination_is_refused(
    case: Any, window: Callable[[], Window], photographs: list[Path]
) -> None:
    _, casebook, id = case
    other = window()
    other.upload(photographs[:1], ["other.png"])
    before = casebook.examination(id)
    answer = act(other, id, BAND, "draw")
    assert casebook.examination(id) == before
    assert "another examination open" in answer


def test_deciding_after_the_signature_is_refused(case: Any) -> None:
    window, casebook, id = case
    read_and_lock(window, id)
    window.send("step", {"examination": id, "step": "reveal"})
    for position in casebook.examination(id).positions:
        act(window, id, {"act": "decide", "position": position.id, "reading": DEFINITE})
    window.send("step", {"examination": id, "step": "sign"})
    before = casebook.examination(id)
    assert before.phase is Phase.SIGNED
    act(window, id, {"act": "decide", "position": 1, "reading": {**DEFINITE, "reading": "9"}})
    act(window, id, {"act": "undo"})
    assert casebook.examination(id) == before


def test_one_bad_file_is_named_and_the_others_open(
    page: Page, window: Callable[[], Window], photographs: list[Path], tmp_path: Path
) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(b"not a photograph")
    opened = window()
    opened.upload([bad, photographs[0]], [HOSTILE_NAME, "good.png"])
    casebook = Casebook(page.folder)
    [entry] = casebook.examinations()
    assert [photo.name for photo in casebook.photos(entry.id)] == ["good.png"]
    assert HOSTILE_NAME in opened.everything()
    kept = casebook.photos(entry.id)[0]
    assert kept.path.read_bytes() == photographs[0].read_bytes()


def test_only_bad_files_open_nothing(page: Page, window: Callable[[], Window], tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes(b"")
    opened = window()
    opened.upload([bad], ["empty.jpg"])
    assert Casebook(page.folder).examinations() == []
    assert "empty.jpg" in opened.everything()


def test_files_of_the_machine_are_not_served(page: Page, case: Any) -> None:
    _, casebook, id = case
    for path in ("/etc/passwd", str(page.folder / "casebook.sqlite"), str(casebook.photos(id)[0].path)):
        assert httpx.get(f"{page.address}gradio_api/file={path}").status_code == 403


def test_the_page_offers_no_api_and_no_history(page: Page) -> None:
    info = httpx.get(f"{page.address}gradio_api/info").json()
    assert info["named_endpoints"] == {} and info["unnamed_endpoints"] == {}
    config = httpx.get(page.address + "config").json()
    assert config["footer_links"] == [] and not config["run_history"]
    assert not config["analytics_enabled"]


def test_readings_of_any_script_come_back_as_typed(case: Any) -> None:
    window, casebook, id = case
    act(window, id, BAND, "draw")
    for position, reading in enumerate(("А", "A", "<b>x</b>", "ß"), 1):
        act(window, id, observe(position, {**DEFINITE, "reading": reading}))
    assert [p.own.reading for p in casebook.examination(id).positions] == ["А", "A", "<b>x</b>", "ß"]
    assert json.dumps("А", ensure_ascii=True)[1:-1] in window.received[-1] or "А" in window.received[-1]
