"""Every handler × role × phase × whose examination: what the table refuses is refused over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import Mode, Phase
from examiner.examination.permissions import TASKS, Asking, Deed, Whose, general_refusal, refusal
from examiner.page.access import deeds
from examiner.page.window_state import Opened
from tests.examiner.page.access.conftest import ROLES, read_alone, revealed
from tests.examiner.page.over_http import Window

READING = {"state": "definite", "reading": "8", "alternatives": [], "reason": "as first read"}
POSITION = {"position": 1, "reading": READING}
QUAD = [[10, 10], [60, 10], [60, 40], [10, 40]]

ACTS = [
    {"act": "observe", **POSITION},
    {"act": "decide", **POSITION},
    {"act": "settle", **POSITION},
    {"act": "undo"},
    {"act": "delete_position", "position": 1},
    {"act": "lay_photo", "photo": 0, "other": 0, "pairs": []},
]
DESCRIBE = {"act": "describe_photos", "photos": [0], "conditions": {"reagent": "Fry's"}}

SENT: dict[tuple[str, str], list[tuple[Callable[..., Deed], dict[str, Any]]]] = {
    ("casebar", "open"): [],  # Opens something else: tested by itself.
    ("casebar", "mode"): [],
    ("photographs", "upload"): [],
    ("viewer", "look"): [(deeds.seeing, {"photo": 0, "recipe": "as_taken"})],
    ("viewer", "fuse"): [
        (deeds.seeing, {"fusion": {"name": "mean", "parameters": {}, "photographs": []}}),
    ],
    ("viewer", "draw"): [
        (
            deeds.acting,
            {"act": {"act": "draw_line", "place": {"frame": 0, "quad": QUAD}, "count": 2}},
        ),
        (
            deeds.acting,
            {"act": {"act": "orient_photos", "photos": [0], "quarter_turns": 1, "mirrored": False}},
        ),
    ],
    ("strip", "act"): [(deeds.acting, {"act": act, "reply": 1}) for act in ACTS],
    ("strip", "step"): [(deeds.stepping, {"step": step, "said": "why"}) for step in deeds.STEPS],
    ("strip", "give_out"): [(deeds.giving_out, {"file": "reading.json"})],
    ("timestrip", "refresh"): [(deeds.seeing, {"stamp": "", "photos": 1, "proposal": ""})],
    ("timestrip", "act"): [(deeds.acting, {"act": DESCRIBE})],
    ("timestrip", "live"): [(deeds.watching, {"on": True})],
    ("casepanel", "ask"): [(deeds.asking_case, {})],
    ("casepanel", "file"): [
        (deeds.filing, {"kind": "series", "marking": "x"}),
        (deeds.filing, {"kind": "case", "value": {"reference": "A"}}),
    ],
    ("bench", "open"): [(deeds.seeing, {})],
    ("bench", "run"): [(deeds.seeing, {"photo": 0, "chain": [], "ticket": 1})],
    ("bench", "side"): [(deeds.seeing, {"photo": 0, "recipes": ["even_light"]})],
    ("bench", "use"): [(deeds.using, {"chain": [], "name": "ours", "title": "", "purpose": ""})],
    ("bench", "note"): [
        (deeds.noting, {"photo": 0, "annotations": []}),
        (deeds.noting, {"photo": 0}),
    ],
    ("bench", "suggest"): [(deeds.suggesting_recipes, {"photo": 0})],
    ("compare", "ask"): [(deeds.seeing, {"position": 1})],
    ("compare", "keep"): [(deeds.keeping, {"position": 1, "view": "side", "note": ""})],
    ("batch", "begin"): [(deeds.batching, {"folder": "."})],
    ("batch", "stop"): [(deeds.batching, {})],
    ("batch", "look"): [(deeds.batching, {"order": "doubt"})],
    ("batch-upload", "upload"): [],
}
"""What is sent to each handler, and which deed it is. A handler that the page has and this has not fails."""


def handlers(window: Window) -> dict[tuple[str, str], dict[str, Any]]:
    """Every handler of the running page that a browser can call, by part and event."""
    parts = {part["id"]: part["props"].get("elem_id") for part in window.config["components"]}
    return {
        (parts[target], event): function
        for function in window.config["dependencies"]
        for target, event in function["targets"]
        if event != "load" and parts.get(target)
    }


def plate(path: Path, seed: int) -> Path:
    cv2.imwrite(str(path), np.random.default_rng(seed).integers(60, 190, (120, 160)).astype(np.uint8))
    return path


def examinations(casebook: Casebook, room: Path) -> dict[str, str]:
    """Examinations of Eva's at every phase, and Max's second readings of some, each of another plate."""
    photos = iter([plate(room / f"{number}.png", number) for number in range(9)])
    made = {"observe": casebook.begin(Mode.CASEWORK, [next(photos)], "eva", "observe")}
    made["locked"] = casebook.begin(Mode.CASEWORK, [next(photos)], "eva", "locked")
    read_alone(casebook, made["locked"], "eva", "A")
    made["revealed"] = revealed(casebook, [next(photos)])
    made["blind"] = revealed(casebook, [next(photos)])
    made["untaken"] = casebook.begin_second(made["blind"], "max")
    made["waiting"] = revealed(casebook, [next(photos)])
    read_alone(casebook, casebook.begin_second(made["waiting"], "max"), "max", "A")
    made["settling"] = revealed(casebook, [next(photos)])
    read_alone(casebook, casebook.begin_second(made["settling"], "max"), "max", "A")
    casebook.take_second(made["settling"], "eva")
    made["signed"] = revealed(casebook, [next(photos)])
    casebook.sign(made["signed"], "eva")
    made["training"] = casebook.begin(Mode.TRAINING, [next(photos)], "eva", "training")
    return made


def send(window: Window, function: dict[str, Any], part: str, event: str, data: dict[str, Any]) -> str:
    """As `Window.send`, for one of several parts that have an event of this name."""
    wanted = next(target for target in function["targets"] if target[1] == event)
    others = [each for each in window.config["dependencies"] if each is not function]
    window.config = {**window.config, "dependencies": [{**function, "targets": [wanted]}, *others]}
    assert part
    return window.send(event, data)


def test_what_the_table_refuses_is_refused_by_every_handler(
    running: Any, window_of: Callable[[str], Window], tmp_path: Path
) -> None:
    casebook = running.behind.shared.casebook
    made = examinations(casebook, tmp_path)
    windows = {name: window_of(name) for name in ROLES}
    known = handlers(windows["eva"])
    assert set(known) == set(SENT)
    opened_state = running.blocks.app.get_blocks().fns[known["viewer", "look"]["id"]].inputs[0]._id
    cells: set[tuple[str, Phase, Whose]] = set()
    sent_count = 0
    for name, window in windows.items():
        asking = Asking(name, frozenset([ROLES[name]]))
        for what, id in made.items():
            if name in ("tom", "ada") and what in ("locked", "revealed", "blind", "waiting"):
                continue  # Refused as a whole: three phases say as much as five.
            standing = casebook.standing(id, name)
            cells.add((ROLES[name].value, standing.phase, standing.whose))
            # The window has it open from a time when that was allowed.
            session = running.blocks.app.state_holder[window.session]
            session[opened_state] = Opened(id, window=window.session)
            seen = casebook.seen_state(id).to_json()
            for (part, event), sendings in SENT.items():
                for deed_of, data in sendings:
                    deed = deed_of(data)
                    why = general_refusal(asking, deed) if deed in TASKS else refusal(asking, deed, standing)
                    if not why:
                        continue
                    before = casebook.head()
                    data = {"examination": id, "seen": seen, **data}
                    answer = send(window, known[part, event], part, event, data)
                    where = (name, what, part, event, deed)
                    text = answer.encode().decode("unicode_escape", "replace").replace("\\", "")
                    # What may not even be seen is refused as that, whatever was asked.
                    unseen = refusal(asking, Deed.SEE, standing)
                    assert why[:60] in text or (unseen and unseen[:60] in text), (where, why, text[:500])
                    new = [line.kind for line in casebook.every_line() if line.seq > seq_of(casebook, before)]
                    assert set(new) <= {"shown"}, (where, new)
                    sent_count += 1
    assert sent_count > 300
    assert {phase for _, phase, _ in cells} == set(Phase)
    assert {whose for _, _, whose in cells} == set(Whose)
    assert {role for role, _, _ in cells} == {role.value for role in ROLES.values()}


def seq_of(casebook: Casebook, head: str) -> int:
    return next(line.seq for line in casebook.every_line() if line.hash == head)
