"""A course: a seeded set of exercises as one file, one file of results per trainee, and tables of a class.

Trainees work offline. The course file names seeds: the program works out the truth from them, the file does
not hold it. Somebody who has the program can do so too, so a proficiency test needs supervision.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from examiner.casebook.ledger import canonical
from examiner.casebook.signatures import public_hex
from examiner.exercises.exercise import (
    GRADES,
    Exercise,
    ExerciseError,
    ExerciseKind,
    exercise_from_json,
    exercise_json,
    kind_of,
)
from examiner.exercises.outcome import rescored
from examiner.exercises.scoring import TRUE, Outcome

SCHEMA = 1
SHARE = 0.1
"""Of blank plates in a course, and of over-stamped ones."""
MOST = 200
MAX_FILE = 16 << 20
MAX_TITLE = 120


@dataclass(frozen=True)
class Course:
    """`proficiency`: no hints, no proposal, one try, the result signed."""

    title: str
    seed: int
    proficiency: bool
    exercises: tuple[Exercise, ...]


def make_course(title: str, seed: int, count: int, proficiency: bool = False) -> Course:
    """A course of `count` exercises, its grades rising, with a blank plate in ten and an over-stamping in
    ten; without proficiency, one in eight misleads. The same seed gives the same course. Raises
    ExerciseError."""
    if not 1 <= count <= MOST or not 0 <= seed < 2**31:
        raise ExerciseError(f"a course has 1 to {MOST} exercises and a seed from 0; got {count}, {seed}")
    if not title.strip() or len(title) > MAX_TITLE or not title.isprintable():
        raise ExerciseError(f"a course has a title of at most {MAX_TITLE} printable characters")
    rng = np.random.default_rng([seed, 10])
    grades = [GRADES[min(len(GRADES) - 1, number * len(GRADES) // count)] for number in range(count)]
    exercises = []
    for grade in grades:
        kind = kind_of(rng.random(), SHARE)
        misleading = bool(rng.random() < 0.125) and kind is ExerciseKind.MARKED and not proficiency
        exercises.append(Exercise(int(rng.integers(2**31)), grade, kind, misleading))
    return Course(title, seed, proficiency, tuple(exercises))


def course_json(course: Course) -> dict[str, Any]:
    """Plain values; inverse: `course_from_json`."""
    return {
        "schema": SCHEMA,
        "course": course.title,
        "seed": course.seed,
        "proficiency": course.proficiency,
        "exercises": list(map(exercise_json, course.exercises)),
    }


def course_from_json(value: Any) -> Course:
    """A course from plain values, all of them checked. Raises ExerciseError."""
    try:
        if value["schema"] != SCHEMA:
            raise ValueError(f"schema {value['schema']!r}, expected {SCHEMA}")
        title, seed, proficiency = value["course"], value["seed"], value["proficiency"]
        exercises = tuple(map(exercise_from_json, value["exercises"][:MOST]))
        if not isinstance(title, str) or len(title) > MAX_TITLE or type(seed) is not int or not exercises:
            raise ValueError("a course has a title, a seed and exercises")
    except (KeyError, TypeError, ValueError) as error:
        raise ExerciseError(f"no course ({type(error).__name__}: {error})"[:300]) from error
    return Course(title, seed, proficiency is True, exercises)


def read_file(path: Path) -> Any:
    """Plain values of a JSON file. Raises ExerciseError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise ValueError(f"longer than {MAX_FILE} bytes")
        return json.loads(data)
    except (OSError, ValueError, RecursionError) as error:
        raise ExerciseError(f"{path}: cannot be read ({error})") from error


def result_json(
    course: Course,
    trainee: str,
    results: Sequence[Mapping[str, Any]],
    key: Ed25519PrivateKey | None = None,
) -> dict[str, Any]:
    """A trainee's results as one file; signed where there is a key. `results` as `result_of` makes them."""
    body = {"schema": SCHEMA, "course": course_json(course), "trainee": trainee, "results": list(results)}
    return {**body, "signature": _signature(body, key)}


def _signature(body: Mapping[str, Any], key: Ed25519PrivateKey | None) -> dict[str, str]:
    if key is None:
        return {"key": "", "signature": ""}
    return {"key": public_hex(key), "signature": key.sign(canonical(body).encode()).hex()}


def results_from_json(value: Any, where: str = "results") -> dict[str, Any]:
    """A trainee's results, checked: every score is made again from what was read. Raises ExerciseError."""
    try:
        course = course_from_json(value["course"])
        signature = value["signature"]
        body = {name: value[name] for name in ("schema", "course", "trainee", "results")}
        if not isinstance(value["trainee"], str) or not isinstance(value["results"], list):
            raise ValueError("a result names a trainee and lists results")
        known = list(map(exercise_json, course.exercises))
        done = [result["exercise"] for result in value["results"]]
        if any(exercise not in known for exercise in done):
            raise ValueError("a result is of no exercise of its course")
        for result in value["results"]:
            if not _same(json.loads(canonical(rescored(result).to_json())), result["score"]):
                raise ValueError("a score does not follow from what was read")
        if course.proficiency and len(set(map(canonical, done))) < len(done):
            raise ValueError("a proficiency test was done twice")
        signed = _signed(body, signature)
    except (KeyError, TypeError, ValueError) as error:
        raise ExerciseError(f"{where}: no results ({type(error).__name__}: {error})"[:300]) from error
    return {"course": course, "signed": signed, **body, "key": signature["key"]}


def _same(made: Any, recorded: Any) -> bool:
    """Whether two scores are the same plain values; figures may differ in what rounding leaves open."""
    if isinstance(made, dict) and isinstance(recorded, dict):
        return made.keys() == recorded.keys() and all(_same(made[key], recorded[key]) for key in made)
    if isinstance(made, list) and isinstance(recorded, list):
        return len(made) == len(recorded) and all(map(_same, made, recorded))
    if isinstance(made, float) and type(recorded) in (int, float):
        return math.isclose(made, recorded, rel_tol=0, abs_tol=1e-9)
    return type(made) is type(recorded) and bool(made == recorded)


def _signed(body: Mapping[str, Any], signature: Mapping[str, str]) -> bool:
    """Whether it is signed. Raises ValueError where a signature does not fit."""
    if not signature["signature"]:
        return False
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signature["key"]))
    try:
        public.verify(bytes.fromhex(signature["signature"]), canonical(body).encode())
    except InvalidSignature as error:
        raise ValueError("the signature does not fit what is signed: it was changed") from error
    return True


def class_table(files: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row a trainee, with the mean of each figure over the exercises done."""
    rows = []
    for file in files:
        scores = [result["score"] for result in file["results"]]
        counts = {
            outcome.value: sum(score["counts"].get(outcome.value, 0) for score in scores)
            for outcome in Outcome
        }
        briers = [score["brier"] for score in scores if score["brier"] is not None]
        rows.append(
            {
                "trainee": file["trainee"],
                "exercises": len(scores),
                **counts,
                "brier": sum(briers) / len(briers) if briers else None,
                "seconds": sum(score["seconds"] for score in scores),
                "right_to_wrong": sum(score["influence"]["right_to_wrong"] for score in scores),
                "wrong_to_right": sum(score["influence"]["wrong_to_right"] for score in scores),
                "signed": file["signed"],
            }
        )
    return rows


def confusion(files: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """How often each glyph that was struck (rows; "" for nothing) was read as each text (columns; "" for no
    position)."""
    table: dict[str, dict[str, int]] = {}
    for file in files:
        for result in file["results"]:
            for judgement in result["score"]["judged"]:
                row = table.setdefault(judgement["truth"], {})
                read = judgement["read"] or ""
                row[read] = row.get(read, 0) + 1
    return {truth: dict(sorted(row.items())) for truth, row in sorted(table.items())}


def progress(file: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each exercise, in the order done: grade, share of readings that are true, Brier score, seconds."""
    rows = []
    for number, result in enumerate(file["results"], 1):
        counts = result["score"]["counts"]
        total = sum(counts.values())
        true = sum(counts.get(outcome.value, 0) for outcome in TRUE)
        rows.append(
            {
                "number": number,
                "grade": result["exercise"]["grade"],
                "true": true / total if total else None,
                "brier": result["score"]["brier"],
                "seconds": result["score"]["seconds"],
            }
        )
    return rows
