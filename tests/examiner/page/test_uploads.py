"""Names of uploaded files, and that only what was uploaded is taken in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from examiner.casebook.casebook import Casebook
from examiner.page.uploads import file_name
from tests.examiner.page.over_http import Page, Window


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


def test_a_path_that_was_not_uploaded_is_not_taken_in(
    page: Page, window: Callable[[], Window], photographs: list[Path]
) -> None:
    payload = [{"path": str(photographs[0]), "orig_name": "x.png", "meta": {"_type": "gradio.FileData"}}]
    window().send("upload", None, [None, payload, "casework"])
    assert Casebook(page.folder).examinations() == []
    assert photographs[0].exists()
