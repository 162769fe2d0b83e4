"""A course as one file, results as one file, what a class made of it; changed results are found."""

from __future__ import annotations

import copy
import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from examiner.cli import application
from examiner.exercises.attempt import acted, begun, with_proposal
from examiner.exercises.course import (
    class_table,
    confusion,
    course_from_json,
    course_json,
    make_course,
    progress,
    result_json,
    results_from_json,
)
from examiner.exercises.exercise import ExerciseError, ExerciseKind
from examiner.exercises.outcome import result_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def done(exercise, wrong=0):
    """A try in which everything but the first `wrong` characters is read as struck."""
    said = [
        {"reading": {"state": "definite", "reading": "W" if place < wrong else glyph}, "confidence": 0.9}
        for place, glyph in enumerate(exercise.text)
    ]
    attempt = begun(exercise)
    for act in ({"do": "photograph"}, {"do": "read", "readings": said}, {"do": "lock", "at": 12}):
        attempt = acted(attempt, act)
    return acted(with_proposal(attempt, list(exercise.text)), {"do": "finish", "at": 20})


@pytest.fixture(scope="module")
def results():
    course = make_course("Class of May", 4, 6)
    tries = [result_of(done(exercise, wrong=number)) for number, exercise in enumerate(course.exercises[:2])]
    return json.loads(json.dumps(result_json(course, "eva", tries, KEY)))


def test_the_same_seed_gives_the_same_course_with_every_grade():
    course = make_course("A", 3, 60)
    assert course == make_course("A", 3, 60) != make_course("A", 4, 60)
    assert [exercise.seed for exercise in make_course("A", 3, 4).exercises] == [
        *(278076207, 1646734460, 892364793, 227774396),  # As it was when courses were given out.
    ]
    grades = [exercise.grade for exercise in course.exercises]
    assert grades == sorted(grades) and set(grades) == {1, 2, 3, 4, 5, 6}
    assert {exercise.kind for exercise in course.exercises} == set(ExerciseKind)
    assert not any(exercise.misleading for exercise in make_course("A", 3, 60, True).exercises)


def test_a_course_comes_back_from_its_file():
    course = make_course("A", 3, 9)
    assert course_from_json(json.loads(json.dumps(course_json(course)))) == course
    assert "text" not in json.dumps(course_json(course))


def test_results_are_marked(results):
    file = results_from_json(results)
    [row] = class_table([file])
    assert (row["trainee"], row["exercises"], row["signed"]) == ("eva", 2, True)
    assert row["wrong"] == 1 and row["right"] > 5
    assert sum(sum(cells.values()) for cells in confusion([file]).values()) == row["right"] + row["wrong"]
    assert [exercise["grade"] for exercise in progress(file)] == [1, 2]
    assert progress(file)[0]["true"] == 1.0


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.update(trainee="max"),
        lambda r: r["results"][1]["score"].update(brier=0.0),
        lambda r: r["results"][0]["final"][0]["reading"].update(reading="Q"),
        lambda r: r["signature"].update(signature="00" * 64),
        lambda r: r["results"][0]["exercise"].update(seed=5),
        lambda r: r.pop("results"),
        lambda r: r["course"].update(schema=9),
    ],
)
def test_changed_results_are_found(results, change):
    changed = copy.deepcopy(results)
    change(changed)
    with pytest.raises(ExerciseError):
        results_from_json(changed)


def test_results_written_by_an_earlier_version_are_still_accepted():
    """Written and signed by commit 2cbd176, which had an alignment and a Brier score of its own."""
    earlier = Path(__file__).with_name("results_before_step_8.json")
    file = results_from_json(json.loads(earlier.read_text("utf-8")))
    assert file["signed"] and len(file["results"]) == 3
    scores = [result["score"] for result in file["results"]]
    assert sum(score["counts"]["alternatives hold it"] for score in scores) == 3
    assert all(0 < score["brier"] < 1 for score in scores)


def test_a_score_may_differ_in_what_rounding_leaves_open_and_no_more(results):
    for difference, accepted in ((1e-12, True), (1e-6, False)):
        changed = copy.deepcopy(results)
        changed["signature"] = {"key": "", "signature": ""}
        changed["results"][1]["score"]["brier"] += difference
        with nullcontext() if accepted else pytest.raises(ExerciseError, match="does not follow"):
            results_from_json(changed)


def test_without_a_signature_a_better_score_is_still_found(results):
    changed = copy.deepcopy(results)
    changed["signature"] = {"key": "", "signature": ""}
    assert not results_from_json(changed)["signed"]
    changed["results"][1]["score"]["counts"]["right"] += 1
    with pytest.raises(ExerciseError, match="does not follow"):
        results_from_json(changed)


def test_a_proficiency_test_is_done_once():
    course = make_course("Test", 4, 3, proficiency=True)
    tries = [result_of(done(course.exercises[0]))] * 2
    with pytest.raises(ExerciseError, match="twice"):
        results_from_json(json.loads(json.dumps(result_json(course, "eva", tries))))


def test_the_commands_make_and_mark(results, tmp_path):
    made, good, bad = tmp_path / "c.json", tmp_path / "eva.json", tmp_path / "bad.json"
    run = CliRunner().invoke
    arguments = ["course", "make", "-o", str(made), "--title", "Class of May", "--seed", "4", "--count", "6"]
    assert run(application, arguments).exit_code == 0
    assert course_from_json(json.loads(made.read_text("utf-8"))) == make_course("Class of May", 4, 6)
    assert run(application, arguments).exit_code == 2
    good.write_text(json.dumps(results), encoding="utf-8")
    bad.write_text("{}", encoding="utf-8")
    table = run(application, ["course", "mark", str(good)])
    assert table.exit_code == 0 and table.stdout.startswith("trainee,") and "\neva,2," in table.stdout
    mixed = run(application, ["course", "mark", str(good), str(bad), "--json"])
    assert mixed.exit_code == 3 and "bad.json" in mixed.output
    assert run(application, ["course", "make", "-o", str(tmp_path / "x"), "--title", " "]).exit_code == 2
