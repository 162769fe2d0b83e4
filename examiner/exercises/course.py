"""A course: a seeded set of exercises as one file, results as one file each, and what a class made of it.

Trainees work offline; the course file names seeds, so that the truth is in the program and not in the file.
Who has the program can make the truth of it: a proficiency test is supervised.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from examiner.casebook.ledger import canonical
from examiner.exercises.exercise import GRADES, Exercise, ExerciseError, Kind, exercise_from_json
from examiner.exercises.outcome import rescored
from examiner.exercises.scoring import TRUE, Outcome

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

if TYPE_CHECKING:
    pass

SCHEMA = 1
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
        draw = rng.random()
        kind = Kind.BLANK if draw < 0.1 else Kind.OVERSTAMPED if draw < 0.2 else Kind.MARKED
        misleading = bool(rng.random() < 0.125) and kind is Kind.MARKED and not proficiency
        exercises.append(Exercise(int(rng.integers(2**31)), grade, kind, misleading))
    return Course(title, seed, proficiency, tuple(exercises))


def course_json(course: Course) -> dict[str, Any]:
    """Plain values; inverse: `course_from_json`."""
    return {
        "schema": SCHEMA,
        "course": course.title,
        "seed": course.seed,
        "proficiency": course.proficiency,
        "exercises": [{**asdict(one), "kind": one.kind.value} for one in course.exercises],
    }


def course_from_json(value: Any) -> Course:
    """A course from plain values. Raises ExerciseError; trusts nothing."""
    try:
        if value["schema"] != SCHEMA:
            raise ValueError(f"schema {value['schema']!r}, expected {SCHEMA}")
        title, seed, proficiency = value["course"], value["seed"], value["proficiency"]
        exercises = tuple(exercise_from_json(one) for one in value["exercises"][:MOST])
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
    from examiner.casebook.signatures import public_hex

    return {"key": public_hex(key), "signature": key.sign(canonical(body).encode()).hex()}


def results_from_json(value: Any, where: str = "results") -> dict[str, Any]:
    """A trainee's results, checked: every score is made again from what was read. Raises ExerciseError."""
    try:
        course = course_from_json(value["course"])
        signature = value["signature"]
        body = {name: value[name] for name in ("schema", "course", "trainee", "results")}
        if not isinstance(value["trainee"], str) or not isinstance(value["results"], list):
            raise ValueError("a result names a trainee and lists results")
        known = [{**asdict(one), "kind": one.kind.value} for one in course.exercises]
        done = [result["exercise"] for result in value["results"]]
        if any(one not in known for one in done):
            raise ValueError("a result is of no exercise of its course")
        for result in value["results"]:
            if canonical(rescored(result).to_json()) != canonical(result["score"]):
                raise ValueError("a score does not follow from what was read")
        if course.proficiency and len({canonical(one) for one in done}) < len(done):
            raise ValueError("a proficiency test was done twice")
        signed = _signed(body, signature)
    except (KeyError, TypeError, ValueError) as error:
        raise ExerciseError(f"{where}: no results ({type(error).__name__}: {error})"[:300]) from error
    return {"course": course, "signed": signed, **body, "key": signature["key"]}


def _signed(body: Mapping[str, Any], signature: Mapping[str, str]) -> bool:
    """Whether it is signed. Raises ValueError where a signature does not fit."""
    if not signature["signature"]:
        return False
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

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
            outcome.value: sum(one["counts"].get(outcome.value, 0) for one in scores) for outcome in Outcome
        }
        briers = [one["brier"] for one in scores if one["brier"] is not None]
        rows.append(
            {
                "trainee": file["trainee"],
                "exercises": len(scores),
                **counts,
                "brier": sum(briers) / len(briers) if briers else None,
                "seconds": sum(one["seconds"] for one in scores),
                "right_to_wrong": sum(one["influence"]["right_to_wrong"] for one in scores),
                "wrong_to_right": sum(one["influence"]["wrong_to_right"] for one in scores),
                "signed": file["signed"],
            }
        )
    return rows


def confusion(files: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """How often what was struck (rows; "" for nothing) was read as what (columns; "" for no position)."""
    table: dict[str, dict[str, int]] = {}
    for file in files:
        for result in file["results"]:
            for one in result["score"]["judged"]:
                row = table.setdefault(one["truth"], {})
                read = one["read"] or ""
                row[read] = row.get(read, 0) + 1
    return {truth: dict(sorted(row.items())) for truth, row in sorted(table.items())}


def progress(file: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of each exercise in the order done: grade, share of what was said that is true, Brier, seconds."""
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
