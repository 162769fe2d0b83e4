"""What the record says of the software: every library that touches pixels, in ledger, key and replay."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from examiner.casebook import versions
from examiner.casebook.casebook import Casebook
from examiner.casebook.versions import (
    PICTURE_PACKAGES,
    PROGRAM,
    READER_PACKAGES,
    REPORT_PACKAGES,
    picture_made_here,
    reader_versions,
    software_versions,
)
from examiner.casebook.view_replay import views_replayed
from examiner.examination.acts import Mode
from examiner.folders import key
from examiner.folders.key import file_hashes, key_of
from examiner.folders.series import Options, series_in
from pipelines.errors import RecipeError
from pipelines.reading import tesseract_program
from tests.examiner.whole_case import looked_at, plate

PIXELS = (*PICTURE_PACKAGES, *READER_PACKAGES)

NO_PIXELS = {
    *("cryptography", "gradio", "jinja2", "msgspec", "psutil", "rfc3161-client", "rich", "tomli-w", "typer"),
}
"""Dependencies of the program that neither decode, filter nor read a photograph, nor set a report."""


def test_every_dependency_is_recorded_or_known_to_touch_no_pixel():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8"))["project"]
    named = {re.split(r"[\s>=<~!;\[]", line)[0].lower() for line in project["dependencies"]}
    assert named - {*PIXELS, *REPORT_PACKAGES} - NO_PIXELS == set()


def test_versions_name_each_library_the_weights_and_tesseract():
    recorded = software_versions()
    assert {PROGRAM, *PIXELS, *REPORT_PACKAGES, "python", "machine"} <= recorded.keys()
    assert {"weights/marks.onnx", "weights/rows.onnx", "weights/marks.toml"} <= recorded.keys()
    assert all(re.match(r"\d+\.\d+", recorded[name]) for name in (*PICTURE_PACKAGES, "tesseract"))
    assert all(re.fullmatch("[0-9a-f]{64}", v) for k, v in recorded.items() if k.startswith("weights/"))


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("tesseract 5.5.2-23-g397887\n leptonica-1.88.0", "5.5.2-23-g397887"),
        ("tesseract v5.3.0.20221214", "v5.3.0.20221214"),
        ("", "not known"),
    ],
)
def test_the_version_is_the_programs_own(tmp_path, monkeypatch, said, version):
    program = tmp_path / "tesseract"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\n")
    program.chmod(0o755)
    monkeypatch.setattr(tesseract_program, "program", lambda: (str(program), None))
    assert tesseract_program.program_version.__wrapped__() == version


@pytest.mark.parametrize("failure", ["exit 3", "exec /no/such/program"])
def test_a_program_that_does_not_say_its_version_is_no_error(tmp_path, monkeypatch, failure):
    program = tmp_path / "tesseract"
    program.write_text(f"#!/bin/sh\n{failure}\n")
    program.chmod(0o755)
    monkeypatch.setattr(tesseract_program, "program", lambda: (str(program), None))
    assert tesseract_program.program_version.__wrapped__() == "not known"
    monkeypatch.setattr(tesseract_program, "program", lambda: (str(tmp_path / "absent"), None))
    assert tesseract_program.program_version.__wrapped__() == "not known"


@pytest.mark.parametrize("name", [*PIXELS, "tesseract", "weights/marks.onnx", "weights/marks.toml", PROGRAM])
def test_another_version_makes_another_key(tmp_path, monkeypatch, name):
    (series,) = series_in([plate(tmp_path / "plate.png")], False, Options())
    before = key_of(series, Options(), file_hashes(series))
    assert key_of(series, Options(), file_hashes(series)) == before
    monkeypatch.setattr(key, "reader_versions", lambda: {**reader_versions(), name: "another"})
    assert key_of(series, Options(), file_hashes(series)) != before


def test_another_processor_or_typesetter_reads_the_same_text():
    assert not {"machine", "python", *REPORT_PACKAGES} & reader_versions().keys()


@pytest.mark.parametrize("name", [*PICTURE_PACKAGES, PROGRAM, "machine"])
def test_a_picture_of_another_version_is_made_elsewhere(name):
    here = dict(software_versions())
    assert picture_made_here(here)
    assert not picture_made_here({**here, name: "another"})
    del here[name]
    assert not picture_made_here(here)


def test_a_picture_of_other_readers_is_made_here():
    others = {name: "another" for name in (*READER_PACKAGES, *REPORT_PACKAGES, "tesseract")}
    assert picture_made_here({**software_versions(), **others})


def test_a_changed_filter_is_wrong_here_and_made_elsewhere_after_an_upgrade(tmp_path, monkeypatch):
    with Casebook(tmp_path / "casebook") as casebook:
        id = casebook.begin(Mode.CASEWORK, [plate(tmp_path / "plate.png")], "eva", "")
        looked_at(casebook, id, "eva")
    replayed = views_replayed(tmp_path / "casebook")
    assert (replayed.same, replayed.wrong, replayed.elsewhere) == (1, (), ())

    def changed(*_: object) -> None:
        raise RecipeError("step even_light: the picture is another one")

    monkeypatch.setattr("examiner.casebook.view_replay.replay", changed)
    replayed = views_replayed(tmp_path / "casebook")
    assert (replayed.same, len(replayed.wrong), replayed.elsewhere) == (0, 1, ())
    upgraded = {**software_versions(), "scikit-image": "99.0"}
    monkeypatch.setattr(versions, "software_versions", lambda: upgraded)
    replayed = views_replayed(tmp_path / "casebook")
    assert (replayed.same, replayed.wrong, len(replayed.elsewhere)) == (0, (), 1)
