"""The page's small parts: names, places, crops, comparison of readings."""

from __future__ import annotations

import ast
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from examiner.casebook.casebook import Casebook
from examiner.examination.acts import DrawLine, Mode, Place
from examiner.examination.notation import set_words
from examiner.examination.order_of_work import apply, begin
from examiner.examination.readings import CharacterReading, State
from examiner.page.casework.cells import differs
from examiner.page.environment import PageError, prepare_environment
from examiner.page.readers.queue import bands, remembered, turn
from examiner.page.uploads import file_name
from examiner.photographs.crops import CROP_ASPECT, CROP_HEIGHT, crop_share, cut
from examiner.validation.table import released_only
from pipelines.propose import Source
from pipelines.types import Candidate, Position
from tests.examiner.page.conftest import Page, Window, box, proposal_of


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("plate 1.JPG", "plate 1.JPG"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
        ("..", "photograph"),
        ("a\x00b\n.jpg", "a_b_.jpg"),
        ("", "photograph"),
    ],
)
def test_a_name_stays_as_it_came_but_inside_one_folder(sent: str, kept: str) -> None:
    assert file_name(sent) == kept


def test_a_very_long_name_keeps_its_extension() -> None:
    name = file_name("я" * 500 + ".tiff")
    assert name.endswith(".tiff") and len(name.encode()) <= 180


def test_the_position_lies_in_the_middle_of_its_crop() -> None:
    pixels = np.zeros((200, 300), np.uint8)
    pixels[50:90, 100:120] = 255
    quad = np.array(box(100, 50, 120, 90), float)
    crop = cut(pixels, quad)
    assert crop.shape == (CROP_HEIGHT, round(CROP_HEIGHT * CROP_ASPECT))
    across, down = crop_share(box(100, 50, 120, 90))
    rows, columns = np.nonzero(crop > 127)
    assert np.ptp(columns) / crop.shape[1] == pytest.approx(across, abs=0.03)
    assert np.ptp(rows) / crop.shape[0] == pytest.approx(down, abs=0.03)
    assert columns.mean() == pytest.approx(crop.shape[1] / 2, abs=3)


def test_bands_are_the_lines_that_were_drawn() -> None:
    drawn = Place(0, box(10, 20, 110, 50))
    examination = apply(begin(Mode.CASEWORK, 1), DrawLine(drawn, 5))
    [band] = bands(examination)
    assert band.frame == 0 and np.allclose(band.quad, drawn.quad)
    assert turn(drawn) == pytest.approx(0)
    sideways = Place(0, ((10, 110), (10, 10), (40, 10), (40, 110)))
    assert turn(sideways) == pytest.approx(90)


def test_a_remembered_proposal_is_made_once(tmp_path: Path, photographs: list[Path]) -> None:
    made = []

    def work() -> Any:
        made.append(1)
        return proposal_of([Source(photographs[0])])

    first = remembered(tmp_path, ["a"], work)
    assert remembered(tmp_path, ["a"], work) == first and len(made) == 1
    remembered(tmp_path, ["b"], work)
    assert len(made) == 2
    for file in tmp_path.glob("*.json"):
        file.write_text("cut o")
    assert remembered(tmp_path, ["a"], work) == first


def proposed(glyph: str, state: Any = "proposed") -> Position:
    return Position((Candidate(glyph, 0.9),), box(0, 0, 9, 9), state)


@pytest.mark.parametrize(
    ("own", "machine", "flagged"),
    [
        (CharacterReading(State.DEFINITE, "А"), proposed("A"), False),
        (CharacterReading(State.DEFINITE, "0"), proposed("O"), True),
        (CharacterReading(State.PROBABLE, "8"), proposed("8"), False),
        (CharacterReading(State.ALTERNATIVES, alternatives=("8", "3")), proposed("8"), True),
        (CharacterReading(State.UNREADABLE), proposed("8", "unreadable"), False),
        (CharacterReading(State.NO_CHARACTER), proposed("", "no_character"), False),
        (None, proposed("8"), True),
        (CharacterReading(State.DEFINITE, "8"), None, True),
    ],
)
def test_differences_are_flagged(
    own: CharacterReading | None, machine: Position | None, flagged: bool
) -> None:
    assert differs(own, machine) is flagged


@pytest.mark.parametrize(
    "candidate_set, likelihoods, words",
    [
        ((), (("8", 0.0), ("3", -1.0)), ""),
        (
            ("8", "3"),
            (("8", 0.0), ("3", -1.0), ("", -2.0)),
            "Meant to hold 95 in 100: 3 or 8. LR 8 to 3: 10.",
        ),
        (("3",), (("3", 0.0), ("8", 0.3)), "Meant to hold 95 in 100: 3. LR 8 to 3: 2.0."),
        (("3",), (("3", 0.0), ("", -5.0)), "Meant to hold 95 in 100: 3."),
        (
            ("", "I"),
            (("I", 0.0), ("1", -4.0)),
            "Meant to hold 95 in 100: I or no character. LR I to 1: over 1000.",
        ),
        (tuple("ABCDEFGH"), (("A", 0.0),), "No short set at 95 in 100."),
    ],
)
def test_the_candidate_set_is_said_in_words(
    candidate_set: tuple[str, ...], likelihoods: tuple[tuple[str, float], ...], words: str
) -> None:
    position = replace(proposed("8"), candidate_set=candidate_set, log10_likelihoods=likelihoods)
    assert set_words(position) == words


def test_the_page_looks_up_no_other_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    real = socket.getaddrinfo

    def lookup(host: Any, *rest: Any, **more: Any) -> Any:
        if host not in (None, "127.0.0.1", "localhost", b"127.0.0.1", b"localhost"):
            asked.append(host)
            raise OSError("no network in this test")
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    prepare_environment(tmp_path / "casebook")
    from examiner.page.server import start

    running = start(tmp_path / "casebook", "127.0.0.1", None, True, released_only)
    running.stop()
    assert asked == []


def test_what_the_page_writes_is_private(tmp_path: Path) -> None:
    cache = prepare_environment(tmp_path / "new" / "casebook")
    for folder in (cache, cache.parent, cache.parent.parent):
        assert folder.stat().st_mode & 0o077 == 0


def test_a_port_in_use_is_said_plainly(tmp_path: Path) -> None:
    prepare_environment(tmp_path / "casebook")
    from examiner.page.server import start

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PageError, match="choose another port"):
            start(tmp_path / "casebook", "127.0.0.1", taken.getsockname()[1], False, released_only)


def test_a_path_that_was_not_uploaded_is_not_taken_in(
    page: Page, window: Callable[[], Window], photographs: list[Path]
) -> None:
    payload = [{"path": str(photographs[0]), "orig_name": "x.png", "meta": {"_type": "gradio.FileData"}}]
    window().send("upload", None, [None, payload, "casework"])
    assert Casebook(page.folder).examinations() == []
    assert photographs[0].exists()


def test_only_the_page_imports_gradio() -> None:
    root = Path(__file__).parents[3]
    for path in (*(root / "examiner").rglob("*.py"), *(root / "pipelines").rglob("*.py")):
        if "page" in path.relative_to(root).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "gradio" for name in names), path
