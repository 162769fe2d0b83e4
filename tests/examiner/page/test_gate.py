"""The gate over HTTP, without a browser: what leaves the server before the lock, and what it refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import Phase
from pipelines.propose import Source
from tests.examiner.page.machine_proposal import SECRET, SECRET_AT_PLACE, box, proposal_of
from tests.examiner.page.over_http import Page, Window

BAND = {"act": "draw_line", "place": {"frame": 0, "quad": box(100, 100, 300, 180)}, "count": 4}
DEFINITE = {"state": "definite", "reading": "8", "alternatives": [], "reason": ""}
AT_PLACE = (SECRET_AT_PLACE, "At this place", "likelihood ratio 8 : ", "= 0.19")
"""Traces of the evidence at the examiner's own places, in words."""

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
    for trace in (SECRET, "0.61234", "3.25", '"marks"', '"proposed": {', *AT_PLACE):
        assert trace not in window.everything()
    assert all(set(re.findall(r'"at_place":\s*("[^"]*")', text)) <= {'""'} for text in window.received)
    assert all(set(re.findall(r'"proposed":\s*(\w+)', text)) <= {"null"} for text in window.received)
    window.send("step", {"examination": id, "step": "reveal"})
    assert casebook.examination(id).phase is Phase.REVEALED
    assert SECRET in window.everything()
    for trace in AT_PLACE:
        assert trace in window.everything()


def test_a_proposal_kept_early_stays_inside(case: Any) -> None:
    window, casebook, id = case
    casebook.keep_proposal(id, proposal_of([Source(photo.path) for photo in casebook.photos(id)]))
    read_and_lock(window, id)
    assert SECRET not in window.everything() and "0.61234" not in window.everything()
    assert all(trace not in window.everything() for trace in AT_PLACE)


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
    nothing: list[Any] = [None, [], "x", 7, {"examination": id}, {"examination": {}, "act": []}]
    for nonsense in nothing:
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
        reading = {**DEFINITE, "reason": "as first read"}
        act(window, id, {"act": "decide", "position": position.id, "reading": reading})
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
        with page.client() as client:
            assert client.get(f"gradio_api/file={path}").status_code == 403


def test_the_page_offers_no_api_and_no_history(page: Page) -> None:
    with page.client() as client:
        info = client.get("gradio_api/info").json()
        config = client.get("config").json()
    assert info["named_endpoints"] == {} and info["unnamed_endpoints"] == {}
    assert config["footer_links"] == [] and not config["run_history"]
    assert not config["analytics_enabled"]


def test_readings_of_any_script_come_back_as_typed(case: Any) -> None:
    window, casebook, id = case
    act(window, id, BAND, "draw")
    for position, reading in enumerate(("А", "A", "<b>x</b>", "ß"), 1):
        act(window, id, observe(position, {**DEFINITE, "reading": reading}))
    assert [p.own.reading for p in casebook.examination(id).positions] == ["А", "A", "<b>x</b>", "ß"]
    assert json.dumps("А", ensure_ascii=True)[1:-1] in window.received[-1] or "А" in window.received[-1]


def time_strip(window: Window, id: str) -> dict[str, Any]:
    """The time strip with all its rows made."""
    while True:
        answer = window.send("refresh", {"examination": id, "stamp": "", "photos": 2, "proposal": ""})
        value = json.loads(json.loads(answer)["data"][3]["text"])
        if not value["pending"]:
            return value


def test_before_the_reveal_the_time_strip_says_only_how_crops_look(case: Any) -> None:
    window, casebook, id = case
    casebook.keep_proposal(id, proposal_of([Source(photo.path) for photo in casebook.photos(id)]))
    act(window, id, BAND, "draw")
    value = time_strip(window, id)
    cells = [cell for row in value["rows"] for cell in row["cells"]]
    assert len(cells) == 8 and all(len(cell["measures"]) == 3 for cell in cells)
    assert all(cell["nats"] is None for cell in cells) and not value["revealed"]
    assert all(column["glyphs"] == [] and column["seen"] == [] for column in value["columns"])
    assert SECRET not in window.everything() and "3.25" not in window.everything()
    for position in (1, 2, 3, 4):
        act(window, id, observe(position))
    window.send("step", {"examination": id, "step": "lock"})
    assert SECRET not in json.dumps(time_strip(window, id)) and SECRET not in window.everything()
    assert all(trace not in window.everything() for trace in AT_PLACE)
    window.send("step", {"examination": id, "step": "reveal"})
    value = time_strip(window, id)
    assert [column["glyphs"] for column in value["columns"]] == [[SECRET, "8"]] * 4
    assert [row["cells"][0]["nats"] for row in value["rows"]] == [3.2, None]
    assert value["columns"][0]["seen"] == [1, 1, 1]


def test_nothing_is_sent_again_that_the_browser_has(case: Any) -> None:
    window, _, id = case
    value = time_strip(window, id)
    known = {key: value[key] for key in ("examination", "stamp", "photos", "proposal")}
    answer = json.loads(window.send("refresh", known))["data"]
    assert len(answer) == 4 and all("value" not in json.dumps(part) for part in answer)


DESCRIBE = {"act": "describe_photos", "photos": [0, 1], "conditions": {"reagent": "Fry's", "cycle": "2"}}


def test_photographs_are_described_and_laid_out_from_the_time_strip_alone(case: Any) -> None:
    window, casebook, id = case
    dependency = next(f for f in window.config["dependencies"] if any(n == "live" for _, n in f["targets"]))
    strip_act = next(
        f
        for f in window.config["dependencies"]
        if [dependency["targets"][0][0], "act"] in [list(target) for target in f["targets"]]
    )

    def send(content: Any, examination: Any = id) -> dict[str, Any]:
        body = {
            "data": [None],
            "event_data": {
                "examination": examination,
                "act": content,
                "seen": casebook.seen_state(id).to_json(),
            },
            "fn_index": strip_act["id"],
            "trigger_id": strip_act["targets"][0][0],
            "session_hash": window.session,
        }
        with window.page.client() as client:
            sent = client.post("gradio_api/run/predict", json=body).json()
        return dict(json.loads(sent["data"][0]["text"]))

    value = send(DESCRIBE)
    assert [row["words"] for row in value["rows"]] == ["Fry's · cycle 2"] * 2
    assert send({"act": "order_photos", "by": "own", "own": [1, 0]})["rows"][0]["index"] == 1
    before = casebook.examination(id), casebook.head()
    for hostile in (
        {**DESCRIBE, "photos": [7]},
        {**DESCRIBE, "conditions": {"cycle": "<b>"}},
        {**DESCRIBE, "conditions": {"note": "x" * 2001}},
        {"act": "add_photos", "added": []},
        {"act": "lock"},
        BAND,
        None,
        "describe_photos",
    ):
        assert send(hostile)["notice"], hostile
    assert "another examination" in send(DESCRIBE, "0" * 32)["notice"]
    assert (casebook.examination(id), casebook.head()) == before
    # The strip of positions cannot name them.
    assert "cannot be done from here" in act(window, id, DESCRIBE)


def test_a_page_started_without_a_watched_folder_watches_none(case: Any) -> None:
    window, _, id = case
    answer = json.loads(window.send("live", {"examination": id, "on": True}))["data"][0]["text"]
    assert json.loads(answer)["live"] == {
        "folder": "",
        "on": False,
        "said": [],
        "hint": "",
    }
