"""Blind samples: nothing on the sheet tells the answer, and the same folder gives the same sheet."""

from __future__ import annotations

import json
from hashlib import sha256

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from examiner.cli import application
from examiner.validation import blind
from examiner.validation.blind import blind_sheet
from examiner.validation.measure import read_truth
from pipelines.errors import TruthError


@pytest.fixture
def plates(tmp_path):
    folder, lines = tmp_path / "plates", ["series,text"]
    for number in range(6):
        (folder / f"SECRET{number}").mkdir(parents=True)
        noise = np.random.default_rng(number).integers(0, 255, (60, 90)).astype(np.uint8)
        cv2.imwrite(str(folder / f"SECRET{number}" / f"ZZ{number}.png"), noise)
        lines.append(f"SECRET{number},{f'QX48{number}' if number else ''}")
    table = tmp_path / "truth.csv"
    table.write_text("\n".join(lines), "utf-8")
    return folder, table


def made(plates, name="May", count=4):
    folder, table = plates
    return blind_sheet(folder, read_truth(table)[0], table.read_bytes(), name, count)


def test_what_reaches_the_sheet_tells_no_answer(plates, monkeypatch):
    told = []

    def caught(_package, _templates, values, pictures, _at):
        told.append((values, pictures))
        return b"%PDF"

    monkeypatch.setattr(blind, "pdf_a", caught)
    sealed = made(plates)
    [(values, pictures)] = told
    text = json.dumps(values) + "".join(pictures)
    assert not any(secret in text for secret in ("SECRET", "QX48", "ZZ"))
    assert values["seal"] == sha256(sealed.answers).hexdigest()
    answers = json.loads(sealed.answers)["answers"]
    assert [answer["sample"] for answer in answers] == [1, 2, 3, 4]
    struck = {f"SECRET{number}": f"QX48{number}" if number else "" for number in range(6)}
    assert all(answer["text"] == struck[answer["series"]] for answer in answers)


def test_the_same_folder_gives_the_same_sheet_and_another_round_another_order(plates):
    first = made(plates, count=6)
    assert first == made(plates, count=6)
    orders = {
        tuple(answer["series"] for answer in json.loads(made(plates, name, 6).answers)["answers"])
        for name in ("May", "June", "July")
    }
    assert len(orders) > 1 and b"pdfaid:part" in first.sheet


def test_who_does_not_know_the_table_cannot_work_out_the_order_or_the_salt(plates):
    _, table = plates
    before = json.loads(made(plates, count=6).answers)
    table.write_text(table.read_text("utf-8") + "\n", "utf-8")
    assert json.loads(made(plates, count=6).answers)["salt"] != before["salt"]


def test_series_that_cannot_be_shown_are_not_drawn(plates):
    folder, _ = plates
    (folder / "SECRET3" / "ZZ3.png").write_bytes(b"no picture")
    names = [answer["series"] for answer in json.loads(made(plates, count=5).answers)["answers"]]
    assert "SECRET3" not in names
    with pytest.raises(TruthError, match="5 plates with readable photographs, 6 samples"):
        made(plates, count=6)


def test_the_command_writes_answers_apart(plates, tmp_path):
    folder, table = plates
    (tmp_path / "sealed").mkdir()
    arguments = ["blind", str(folder), "--truth", str(table), "--round", "May", "--samples", "3"]
    sheet = ["--out", str(tmp_path / "sheet.pdf")]
    beside = CliRunner().invoke(application, [*arguments, *sheet, "--answers", str(tmp_path / "a.json")])
    assert beside.exit_code == 2 and not (tmp_path / "sheet.pdf").exists()
    apart = ["--answers", str(tmp_path / "sealed" / "a.json")]
    assert CliRunner().invoke(application, [*arguments, *sheet, *apart]).exit_code == 0
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF")
    assert len(json.loads((tmp_path / "sealed" / "a.json").read_bytes())["answers"]) == 3
