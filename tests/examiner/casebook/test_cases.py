"""Case, item, marking and procedure: what is filed, what is refused, and what a laboratory's file may say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examiner.casebook.case_file import (
    KINDS,
    CaseFile,
    Item,
    Marking,
    MarkingKind,
    Origin,
    ProcedureStep,
    SignOfAlteration,
    Status,
    StepKind,
    filed_from_json,
    filed_to_json,
    warnings,
    with_filed,
)
from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import LaboratoryError, laboratory, laboratory_from_json, shipped
from examiner.casebook.ledger import canonical
from examiner.examination.acts import Mode
from examiner.examination.readings import RecordError
from tests.examiner.drawn import characters, hostile
from tests.examiner.whole_case import taken_in


def marking_of(casebook: Casebook, **about) -> Marking:
    case = casebook.cases.open_case("2026/17", "Pistol from Oslo", shipped(), "eva")
    item = casebook.cases.put(Item("", case.id, "Pistol", Origin.FACTORY), "eva")
    return casebook.cases.put(Marking("", item.id, "Slide, left", **about), "eva")


def test_everything_filed_is_there_again_in_another_process(casebook):
    marking = marking_of(
        casebook, kind=MarkingKind.SERIAL, status=Status.OBLITERATED, obliterated=("ground",)
    )
    step = casebook.cases.put(
        ProcedureStep("", marking.id, StepKind.ETCH, reagent="Fry's", lot="17", dwell_s=20, cycle=1), "eva"
    )
    casebook.cases.put(replace(marking, status=Status.RENUMBERED), "eva")
    with Casebook(casebook.folder) as other:
        file = other.cases.file()
        assert file.markings[marking.id].status is Status.RENUMBERED
        assert other.cases.procedure(marking.id) == [step]
        assert file == casebook.cases.file()
        assert other.verify() == []


def test_signs_of_alteration_keep_their_photographs(casebook, tmp_path):
    photo = tmp_path / "weld.png"
    photo.write_bytes(b"weld")
    case = casebook.cases.open_case("2026/18", "", shipped(), "eva")
    seam = SignOfAlteration("weld seam", "behind the port", (taken_in(casebook, photo),))
    kept = casebook.cases.put(Item("", case.id, "Rifle", Origin.CONVERTED, signs=(seam,)), "eva")
    [sign] = casebook.cases.file().items[kept.id].signs
    assert sign.photos[0].name == "weld.png"
    assert casebook.verify() == []
    [original] = (casebook.folder / "originals").glob("*/*.png")
    original.chmod(0o600)
    original.write_bytes(b"weld?")
    assert any("changed" in fault for fault in casebook.verify())


def test_a_series_is_filed_under_a_marking(casebook, tmp_path):
    photo = tmp_path / "plate.png"
    photo.write_bytes(b"plate")
    marking = marking_of(casebook)
    begun = casebook.begin(Mode.CASEWORK, [photo], "eva", "Exhibit", marking=marking.id)
    loose = casebook.begin(Mode.CASEWORK, [photo], "eva", "Exhibit")
    assert casebook.cases.file().series == {begun: marking.id}
    casebook.cases.attach(loose, marking.id, "eva")
    assert casebook.cases.file().series == {begun: marking.id, loose: marking.id}
    with pytest.raises(RecordError, match="no marking"):
        casebook.cases.attach(loose, "nowhere", "eva")


def test_what_is_filed_belongs_somewhere_and_stays_there(casebook):
    marking = marking_of(casebook)
    with pytest.raises(RecordError, match="no item"):
        casebook.cases.put(Marking("", "nowhere", "Barrel"), "eva")
    other = casebook.cases.put(Item("", next(iter(casebook.cases.file().cases)), "Barrel"), "eva")
    with pytest.raises(RecordError, match="cannot move"):
        casebook.cases.put(replace(marking, item=other.id), "eva")


def test_a_case_keeps_the_words_it_was_opened_with(casebook):
    case = casebook.cases.open_case("2026/17", "", shipped(), "eva")
    renamed = replace(case, laboratory=replace(shipped(), name="Another laboratory"))
    with pytest.raises(RecordError, match="stay as they were"):
        casebook.cases.put(renamed, "eva")


def test_etching_a_laser_engraving_is_warned_of(casebook):
    marking = marking_of(casebook, made="laser", metal="aluminium alloy")
    file = casebook.cases.file()
    for step in (StepKind.ETCH, StepKind.ELECTROLYTIC):
        [said] = warnings(file, marking, step)
        assert "laser" in said and "destroys" in said
    assert warnings(file, marking, StepKind.POLISH) == []
    assert "not magnetic" in warnings(file, marking, StepKind.MAGNETIC)[0]
    assert "not said" in warnings(file, replace(marking, made=""), StepKind.ETCH)[0]
    assert warnings(file, replace(marking, made="struck", metal="carbon steel"), StepKind.MAGNETIC) == []


@given(st.sampled_from(sorted(KINDS)), hostile)
def test_what_is_no_filing_is_a_record_error(kind, value):
    with pytest.raises(RecordError):
        filed_from_json(kind, value)


@given(
    st.builds(
        ProcedureStep,
        characters,
        characters,
        st.sampled_from(StepKind),
        grit=characters.filter(str.isprintable),
        dwell_s=st.none() | st.floats(0, 1e5),
        cycle=st.none() | st.integers(0, 99),
    ).filter(lambda step: step.id.isprintable() and step.marking.isprintable())
)
def test_a_step_comes_back_from_its_plain_form(step):
    assert filed_from_json("procedure", json.loads(canonical(filed_to_json(step)))) == step


def test_a_number_that_is_none_is_named():
    value = filed_to_json(ProcedureStep("1", "2", StepKind.ETCH))
    for wrong in ("20 s", True, 1e9, [20]):
        with pytest.raises(RecordError, match="dwell_s"):
            filed_from_json("procedure", {**value, "dwell_s": wrong})


def test_the_shipped_words_come_back_and_demand_reasons():
    words = shipped()
    assert laboratory_from_json(json.loads(canonical(words.to_json()))) == words
    assert words.rules.reasons and not words.rules.second
    assert [made.word for made in words.made if made.etching_destroys] == ["laser"]
    # No advice that nobody of the laboratory approved.
    assert all(not reagent.metals and not reagent.approved for reagent in words.reagents)


def test_a_laboratory_s_own_file_is_read(tmp_path: Path, monkeypatch):
    own = tmp_path / "ours.toml"
    own.write_text('name = "Ours"\n[rules]\nsecond_examiner = true\n[scale]\nprobable = "likely"\n', "utf-8")
    monkeypatch.setenv("EXAMINER_LABORATORY", str(own))
    words = laboratory()
    assert (words.name, words.rules.second, words.scale["probable"]) == ("Ours", True, "likely")
    assert words.scale["definite"] == "definite"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("name = 3", "name"),
        ("colour = 'red'", "colour"),
        ("[rules]\nreasons = 'yes'", "rules.reasons"),
        ("[words]\nmetals = ['']", "words.metals"),
        ("[[made]]\netching_destroys = true", "made.word"),
        ("[scale]\nsure = 'x'", "sure"),
        ("= 3", "TOML"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path, text, named):
    path = tmp_path / "ours.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(LaboratoryError, match=named):
        laboratory(path)


def test_an_empty_file_files_nothing():
    with pytest.raises(RecordError, match="no case"):
        with_filed(CaseFile(), Item("1", "2", "Pistol"))
