"""Catalogues: every text is translated, the compiled files are those of the edited ones, signs stay signs."""

from __future__ import annotations

import re

import pytest

from examiner.exercises.catalogues import compiled, po_file, texts, texts_of, translated
from examiner.exercises.exercise import ExerciseError
from examiner.exercises.lessons import LESSONS
from examiner.exercises.translations import LANGUAGES, UNCHECKED, catalogue, translation


@pytest.mark.parametrize("language", UNCHECKED)
def test_every_text_is_translated(language):
    known = translated(po_file(language).read_bytes())
    assert [text for text in texts() if not known.get(text)] == []
    assert sorted(set(known) - set(texts())) == []


@pytest.mark.parametrize("language", UNCHECKED)
def test_the_compiled_file_is_that_of_the_edited_one(language):
    path = po_file(language)
    assert path.with_suffix(".mo").read_bytes() == compiled(path.read_bytes())


@pytest.mark.parametrize("language", UNCHECKED)
def test_numbers_and_signs_survive_translation(language):
    for text, said in catalogue(language).items():
        digits = re.findall(r"\d+", text)
        assert all(number in said.replace(",", ".").replace("0.25", "0 25") for number in digits), text
        for sign in ("3/8", "?", "~"):
            assert (sign in text) <= (sign in said), text


def test_texts_of_every_kind_are_found():
    marked = texts()
    assert {"intact", "invented", "Polish", "Lock my reading", "language", "Light", "Swab"} <= set(marked)
    assert all(lesson.title in marked and set(lesson.paragraphs) <= set(marked) for lesson in LESSONS)
    assert "The readers look at your photographs." in marked


@pytest.mark.parametrize(
    ("name", "source", "expected"),
    [
        ("a.js", 'put(`${t("in a template")} ${f(`${t("in another")}`)}`); put("no"); t(name)', 2),
        ("a.js", 'x ? t(\'one\') : t("other"); // t("in a comment")', 2),
        ("a.html", "<b data-t='A &amp; B'>A &amp; B</b><i title=no>no</i><br data-t=\"C\"/>", 2),
        ("a.py", '_("of two " "pieces")\nput("no")\n_(name)', 1),
        ("a.css", 't("no")', 0),
    ],
)
def test_texts_are_found_as_the_language_of_the_file_has_them(tmp_path, name, source, expected):
    path = tmp_path / name
    path.write_text(source, encoding="utf-8")
    marked = list(texts_of(path))
    assert len(marked) == expected
    assert set(marked) <= {"in a template", "in another", "one", "other", "A & B", "C", "of two pieces"}


def test_a_text_is_said_in_each_language():
    said = {translation(language)("Light") for language in LANGUAGES}
    assert len(said) == len(LANGUAGES) == 3
    assert translation("ru")("no such text") == "no such text"
    with pytest.raises(ExerciseError, match="xx"):
        translation("xx")
