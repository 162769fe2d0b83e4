"""The photo log: every photograph of a case, used or not, with what the record says; the same bytes again."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import shipped
from examiner.casebook.originals import OriginalChangedError
from examiner.cli import application
from examiner.exports.files import give_out
from examiner.exports.photo_log import (
    PhotoLogError,
    photo_log,
    photographs_of_case,
    photographs_of_examination,
)
from tests.examiner.whole_case import whole_case


@pytest.fixture
def case(tmp_path):
    id, _ = whole_case(tmp_path / "casebook", tmp_path / "room")
    with Casebook(tmp_path / "casebook") as casebook:
        yield casebook, id


def test_every_photograph_of_the_case_is_in_it_and_none_of_another(case):
    casebook, id = case
    logged = photographs_of_case(casebook, "2026/17")
    assert [row.photo.name for row in logged.photographs] == ["plate.png", "plate_2.png", "weld.png"]
    assert logged.examinations == (id,) and logged.title == "2026/17: Pistol"
    first, second, weld = logged.photographs
    assert first.about == f"Pistol, Slide, examination {id[:8]}"
    assert (first.conditions["reagent"], first.conditions["cycle"]) == ("Fry's", "1")
    assert first.used == ("2 positions marked", "looked at enhanced")
    assert second.used == () and second.scale == ""
    assert weld.about == "Pistol, sign of alteration: weld seam"


def test_the_scale_is_the_one_that_was_measured_last(case):
    casebook, id = case
    for pixels in (0.5, 0.02):
        scale = {"mm_per_px": pixels, "deviation": 0.004}
        content = {"photo": 1, "sha256": "", "measured": "scale", "points": [], "scale": scale}
        casebook.record_view(id, "eva", "measurement", content)
    (_, second, _) = photographs_of_case(casebook, "2026/17").photographs
    assert second.scale == "1 mm is 50 pixels ± 0.4 %"
    assert second.used == ("measured on",)


def test_an_unknown_case_is_refused_with_the_known_ones(case):
    with pytest.raises(PhotoLogError, match="0 cases have the reference '2026/18'; there are: 2026/17"):
        photographs_of_case(case[0], "2026/18")


def test_the_same_record_gives_the_same_pdf(case):
    casebook, id = case
    logged = photographs_of_examination(casebook, id)
    first = photo_log(casebook, logged, shipped())
    assert first == photo_log(casebook, logged, shipped())
    assert give_out(casebook, id, "photo-log.pdf", "eva", shipped()) == first
    assert photo_log(casebook, logged, shipped()) == first, "what was given out before changes nothing"
    assert b"pdfaid:part" in first and first.count(b"/Subtype/Image") == 3


def test_what_is_no_photograph_any_more_is_named_and_the_others_stay(case, monkeypatch):
    from examiner.exports.photo_log import pdf
    from pipelines.errors import PhotoError

    casebook, id = case
    logged = photographs_of_examination(casebook, id)
    whole = pdf.read_kept

    def read(photo):
        if photo.name == "plate_2.png":
            raise PhotoError("plate_2.png: cut off")
        return whole(photo)

    monkeypatch.setattr(pdf, "read_kept", read)
    assert photo_log(casebook, logged, shipped()).count(b"/Subtype/Image") == 2


def test_an_original_that_was_changed_gives_no_log(case):
    casebook, id = case
    path = casebook.photos(id)[1].path
    path.chmod(0o600)
    path.write_bytes(b"another")
    with pytest.raises(OriginalChangedError):
        photographs_of_case(casebook, "2026/17")


def test_page_and_command_record_that_it_was_given_out(case, tmp_path):
    casebook, id = case
    data = give_out(casebook, id, "photo-log.pdf", "eva", shipped())
    casebook.close()
    out = tmp_path / "log.pdf"
    arguments = ["photolog", str(tmp_path / "casebook"), "--out", str(out)]
    assert CliRunner().invoke(application, arguments).exit_code == 2
    assert CliRunner().invoke(application, [*arguments, "--case", "2026/17"]).exit_code == 0
    one = [*arguments, "--examination", id[:6]]
    assert CliRunner().invoke(application, one).exit_code == 2, "no file is replaced unasked"
    assert out.read_bytes().startswith(b"%PDF") and data.startswith(b"%PDF")
    with Casebook(tmp_path / "casebook") as again:
        names = [line.value().get("name") for line in again.history(id) if line.kind == "export"]
    assert names.count("photo-log.pdf") == 2
