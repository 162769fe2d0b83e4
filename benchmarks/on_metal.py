"""How the program reads characters on photographs of real bare metal of kinds that no training saw.

    python benchmarks/on_metal.py FOLDER [--plates N] [--bare N] [--workers N] [--details FILE]
                                  [--oracle-band] [--peer-only] [--sheet FILE.jpg]

FOLDER holds grey photographs of bare metal named KIND_NUMBER.jpg, or a folder `steel` of them. Only the kinds
inclusion and rolled-in_scale are used; training may use the others and none of these two
(`on_metal_plates.JUDGED_KINDS`). How plates are made stands in `benchmarks/on_metal_plates.py`. Neither code
nor typeface is shared with `models/`; seed, strengths and glyphs are fixed. Strengths were set by RapidOCR's
errors alone, never by ours.

Ours reads the six photographs of a plate with a region drawn round the row in each. RapidOCR's recogniser
gets the row cut out and straightened by the true band, three ways: the photograph in which it makes fewest
errors, chosen by the truth; each photograph, errors averaged; the mean of the photographs, laid over each
other by the true motions. An edit is charged to a character: a wrong or missing one to itself, one too many
to the character before it. Quarters of visibility are of the characters of this run. Intervals: 95 %, plates
drawn anew. --oracle-band: ours once more on cut-outs by the true band and motions, which tells what search
and registration lose. --bare: the same metal without characters.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.on_metal_plates import (
    JUDGED_KINDS,
    PHOTOGRAPHS,
    NoMetalError,
    Plate,
    metal_digest,
    metal_files,
    on_metal_plate,
    straightened,
)
from pipelines.probability.calibration import fingerprint
from pipelines.probability.judging import ALARM, Figure, JudgedSeries, figures, judge, judge_scored
from pipelines.probability.measures import interval, resampled
from pipelines.strip import moved
from pipelines.types import Proposal

SEED = 20_261_130
PLATES = 96
"""As many as hold 600 characters and more; with the pictures of two kinds none is used twice."""

FORMAT = 2
"""Of the details; lines of another format are read again."""

BAND_HEIGHT = 64
BAND_MARGIN = 0.15
"""Of the cut-out row: pixels, and metal left on every side in heights of the row."""

OURS, OURS_CUT = "ours", "ours, true band"
BEST, EACH, MEAN = "RapidOCR, best photograph", "RapidOCR, each photograph", "RapidOCR, mean picture"
READERS = (OURS, OURS_CUT, BEST, EACH, MEAN)
STATES = ("proposed", "alternatives", "unreadable", "no_character", "no position")


@dataclass(frozen=True)
class Task:
    folder: Path
    number: int
    bare: bool
    peer_only: bool
    oracle_band: bool

    @property
    def key(self) -> str:
        ways = ("peer" if self.peer_only else "ours") + (" band" if self.oracle_band else "")
        return f"{self.number}{' bare' if self.bare else ''} {ways}"


# Reading --------------------------------------------------------------------------------------------------


def read_plate(task: Task) -> dict[str, Any]:
    """What everyone made of one plate, as it stands in the details."""
    os.environ.setdefault("EXAMINER_THREADS", "1")
    cv2.setNumThreads(1)
    plate = on_metal_plate(task.folder, SEED, task.number, bare=task.bare)
    judged: dict[str, list[JudgedSeries]] = {}
    states: list[str] = []
    silent, far = False, 0.0
    if not task.peer_only:
        proposal = ours(plate)
        silent = not proposal.lines
        far = max((photo.unlikeness or 0.0 for photo in proposal.photos), default=0.0)
        states = states_at(proposal, plate)
        judged[OURS] = [judge(proposal.lines, plate.text, proposal.seconds)]
    if task.oracle_band:
        judged[OURS_CUT] = [_judged(ours_on_band(plate), plate)]
    strips = [straightened(plate, index, BAND_MARGIN, BAND_HEIGHT) for index in range(PHOTOGRAPHS)]
    each = [judge_scored(rapidocr(strip), plate.text) for strip in strips]
    # On bare metal its boldest answer, since all of its answers would be seen.
    judged[BEST] = [min(each, key=lambda one: -one.boldest if task.bare else one.edits)]
    judged[EACH] = each
    judged[MEAN] = [judge_scored(rapidocr(mean_picture(strips)), plate.text)]
    return {
        "format": FORMAT,
        "key": task.key,
        "weights": fingerprint(),
        "metal": metal_digest(task.folder),
        "kind": plate.kind,
        "script": plate.script,
        "cut": plate.cut,
        "text": plate.text,
        "visibility": plate.visibility,
        "silent": silent,
        "unlike": far > 1,
        "states": states,
        "judged": {name: [one.to_json() for one in several] for name, several in judged.items()},
    }


def _judged(proposal: Proposal, plate: Plate) -> JudgedSeries:
    return judge(proposal.lines, plate.text, proposal.seconds)


def ours(plate: Plate) -> Proposal:
    from pipelines.propose import Source, propose_series

    with TemporaryDirectory() as folder:
        sources = []
        for number, (content, region) in enumerate(zip(plate.files, plate.regions, strict=True)):
            path = Path(folder) / f"{number:02d}.jpg"
            path.write_bytes(content)
            sources.append(Source(path, region, 0.0))
        proposal = propose_series(sources)
    if proposal.error is not None:
        print(f"\nplate {plate.number}: {proposal.error.message}", file=sys.stderr)
    return proposal


def ours_on_band(plate: Plate) -> Proposal:
    """Ours on photographs that are registered by the truth and cut to the true band and a little metal."""
    from pipelines.propose import Source, propose_series

    grown, height = 0.4, 160
    with TemporaryDirectory() as folder:
        sources = []
        for number in range(PHOTOGRAPHS):
            path = Path(folder) / f"{number:02d}.png"
            strip = straightened(plate, number, grown, height)
            cv2.imwrite(str(path), strip)
            # The band itself, with the margin that the peer gets.
            edge = height * (grown - BAND_MARGIN) / (1 + 2 * grown)
            region = (edge, edge, strip.shape[1] - edge, height - edge)
            sources.append(Source(path, region, 0.0))
        return propose_series(sources)


def states_at(proposal: Proposal, plate: Plate) -> list[str]:
    """For each true character the state of the position that lies on it, within half its height."""
    places = [
        (np.mean(position.box, axis=0), position.state, line.frame)
        for line in proposal.lines
        for position in line.positions
    ]
    states: list[str] = []
    for box in plate.boxes:
        height = float(np.linalg.norm(np.subtract(box[3], box[0])))
        near = [
            (float(np.linalg.norm(middle - moved([tuple(np.mean(box, axis=0))], plate.motions[frame])[0])), n)
            for n, (middle, _, frame) in enumerate(places)
        ]
        distance, nearest = min(near, default=(math.inf, 0))
        states.append(places[nearest][1] if distance <= height / 2 else "no position")
    return states


def mean_picture(strips: Sequence[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    """The mean of strips of one size, each with one mean and spread."""
    levelled = [(strip - strip.mean()) / max(float(strip.std()), 1e-3) for strip in map(np.float32, strips)]
    mean = np.mean(levelled, axis=0)
    return np.asarray(np.clip(128 + 40 * mean / max(float(mean.std()), 1e-3), 0, 255), np.uint8)


_engine: Any = None


def rapidocr(strip: npt.NDArray[np.uint8]) -> list[tuple[str, float]]:
    """RapidOCR's recogniser on a row that is cut out: text and score."""
    global _engine
    if _engine is None:
        from rapidocr import RapidOCR

        threads = {"EngineConfig.onnxruntime.intra_op_num_threads": 1}
        _engine = RapidOCR(params={"Global.log_level": "error", **threads})
    colour = cv2.cvtColor(strip, cv2.COLOR_GRAY2BGR)
    result = _engine(colour, use_det=False, use_cls=False, use_rec=True)
    return [(text, float(score)) for text, score in zip(result.txts or (), result.scores or (), strict=True)]


# Counting -------------------------------------------------------------------------------------------------


def edits_by_character(truth: str, read: str) -> list[int]:
    """The fewest edits between the two, charged to the characters of the truth: a wrong or missing one to
    itself, one too many to the character before it (to the first, where none is before it)."""
    table = np.zeros((len(truth) + 1, len(read) + 1), np.int64)
    table[:, 0], table[0] = range(len(truth) + 1), range(len(read) + 1)
    for i, wanted in enumerate(truth, start=1):
        for j, got in enumerate(read, start=1):
            paired = table[i - 1, j - 1] + (wanted != got)
            table[i, j] = min(paired, table[i - 1, j] + 1, table[i, j - 1] + 1)
    charged = [0] * len(truth)
    i, j = len(truth), len(read)
    while truth and (i or j):
        if i and j and table[i, j] == table[i - 1, j - 1] + (truth[i - 1] != read[j - 1]):
            charged[i - 1] += truth[i - 1] != read[j - 1]
            i, j = i - 1, j - 1
        elif i and table[i, j] == table[i - 1, j] + 1:
            charged[i - 1] += 1
            i -= 1
        else:
            charged[max(i - 1, 0)] += 1
            j -= 1
    return charged


def charged_to(value: dict[str, Any], reader: str) -> npt.NDArray[np.float64]:
    """Edits of each character of a plate; where a reader read several pictures their mean."""
    several = value["judged"][reader]
    return np.mean([edits_by_character(one["truth"], one["read"]) for one in several], axis=0)


def quarters(results: Sequence[dict[str, Any]]) -> list[npt.NDArray[np.int64]]:
    """For each plate the quarter of visibility of its characters, 0 the least visible."""
    every = np.concatenate([value["visibility"] for value in results])
    ends = np.quantile(every, (0.25, 0.5, 0.75))
    return [np.searchsorted(ends, value["visibility"], side="left") for value in results]


@dataclass(frozen=True)
class Share:
    """Edits and characters of each plate."""

    edits: npt.NDArray[np.float64]
    characters: npt.NDArray[np.int64]

    def over(self, picks: npt.NDArray[np.int64]) -> float:
        count = int(self.characters[picks].sum())
        return float(self.edits[picks].sum()) / count if count else math.nan


Chosen = Sequence[npt.NDArray[np.bool_]]
"""For each plate which of its characters count."""


def share_of(results: Sequence[dict[str, Any]], reader: str, chosen: Chosen) -> Share:
    edits = [
        float(charged_to(value, reader)[keep].sum()) for value, keep in zip(results, chosen, strict=True)
    ]
    return Share(np.array(edits), np.array([int(keep.sum()) for keep in chosen]))


def measured(
    plates: int, value: Callable[[npt.NDArray[np.int64]], float], seed: int = SEED, rounds: int = 1000
) -> Figure:
    """A figure of plates (given by their numbers) and its interval over plates drawn anew."""
    drawn = np.array([value(picks) for picks in resampled(plates, seed=seed, rounds=rounds)], np.float64)
    return Figure(value(np.arange(plates)), *interval(drawn[~np.isnan(drawn)]))


def error_table(results: Sequence[dict[str, Any]], rounds: int = 1000) -> list[str]:
    """Markdown: edits over characters, a row a group of characters, a column a reader; last ours over the
    peer's best photograph, and ours less it."""
    readers = [reader for reader in READERS if reader in results[0]["judged"]]
    compared = OURS in readers
    names = ["characters", "n", "visibility", *readers, *(["ratio", "difference"] if compared else [])]
    lines = ["| " + " | ".join(names) + " |", "| " + " | ".join("---" for _ in names) + " |"]
    for name, chosen in groups(results).items():
        visible = np.concatenate(
            [np.array(v["visibility"])[keep] for v, keep in zip(results, chosen, strict=True)]
        )
        if not len(visible):
            continue
        shares = {reader: share_of(results, reader, chosen) for reader in readers}
        cells = [cell(measured(len(results), share.over, rounds=rounds)) for share in shares.values()]
        if compared:
            mine, theirs = shares[OURS], shares[BEST]
            cells += [
                cell(measured(len(results), partial(ratio_of, mine, theirs), rounds=rounds)),
                cell(measured(len(results), partial(difference_of, mine, theirs), rounds=rounds)),
            ]
        lines.append("| " + " | ".join([name, str(len(visible)), f"{np.median(visible):.2f}", *cells]) + " |")
    return lines


def ratio_of(mine: Share, theirs: Share, picks: npt.NDArray[np.int64]) -> float:
    other = theirs.over(picks)
    return mine.over(picks) / other if other else math.nan


def difference_of(mine: Share, theirs: Share, picks: npt.NDArray[np.int64]) -> float:
    return mine.over(picks) - theirs.over(picks)


def groups(results: Sequence[dict[str, Any]]) -> dict[str, Chosen]:
    quarter_of = quarters(results)
    every = [np.ones(len(value["text"]), np.bool_) for value in results]

    def where(field: str, wanted: str) -> Chosen:
        return [keep & (value[field] == wanted) for value, keep in zip(results, every, strict=True)]

    return {
        "all": every,
        "Latin": where("script", "latin"),
        "Cyrillic": where("script", "cyrillic"),
        **{kind: where("kind", kind) for kind in JUDGED_KINDS},
        **{f"visibility, quarter {n + 1}": [own == n for own in quarter_of] for n in range(4)},
    }


def state_table(results: Sequence[dict[str, Any]]) -> list[str]:
    """Markdown: for each quarter of visibility, share of true characters at which ours has each state."""
    lines = ["| visibility | " + " | ".join(STATES) + " |", "| --- " * (len(STATES) + 1) + "|"]
    quarter_of = np.concatenate(quarters(results))
    states = np.array([state for value in results for state in value["states"]])
    for n in range(4):
        own = states[quarter_of == n]
        shares = [f"{float((own == state).mean()):.3f}" if len(own) else "–" for state in STATES]
        lines.append(f"| quarter {n + 1} | " + " | ".join(shares) + " |")
    return lines


def series_of(results: Sequence[dict[str, Any]], reader: str) -> list[JudgedSeries]:
    return [JudgedSeries.from_json(value["judged"][reader][0]) for value in results]


def figures_of(results: Sequence[dict[str, Any]]) -> list[str]:
    """What ours commits itself to: silence, probabilities, candidate sets, likelihood ratios."""
    names = ("exact", "missed", "ece", "coverage", "set_size", "unreadable", "cllr", "cllr_min")
    lines = [f"Silent: {sum(value['silent'] for value in results)} of {len(results)} series."]
    for told, sentence in (
        (True, "A photograph named as unlike what was validated"),
        (False, "None named so"),
    ):
        there = [value for value in results if value["unlike"] == told and OURS in value["judged"]]
        every = [np.ones(len(value["text"]), np.bool_) for value in there]
        wrong = share_of(there, OURS, every).over(np.arange(len(there))) if there else math.nan
        lines.append(f"{sentence}: {len(there)} series, {wrong:.3f} of the characters wrong.")
    for reader in (OURS, OURS_CUT):
        if reader in results[0]["judged"]:
            own = figures(series_of(results, reader), seed=SEED)
            seconds = np.mean([one.seconds for one in series_of(results, reader)])
            said = ", ".join(f"{name} {cell(own[name])}" for name in names)
            lines.append(f"{reader}: {said}, {seconds:.1f} s a series.")
    return lines


def bare_table(results: Sequence[dict[str, Any]]) -> list[str]:
    lines = ["| reader | share with a character of p or score ≥ 0.5 |", "| --- | --- |"]
    for reader in (reader for reader in (OURS, OURS_CUT, BEST, MEAN) if reader in results[0]["judged"]):
        alarms = np.array([one.boldest >= ALARM for one in series_of(results, reader)], np.float64)
        counted = Share(alarms, np.ones(len(alarms), np.int64))
        figure = measured(len(alarms), counted.over)
        lines.append(f"| {reader} | {cell(figure)} |")
    return lines


def cell(figure: Figure) -> str:
    if math.isnan(figure.value):
        return "–"
    return f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"


# A run ----------------------------------------------------------------------------------------------------


def known(details: Path | None, metal: str) -> dict[str, dict[str, Any]]:
    """What was read already of the same metal with the same weights; a line cut off is read again."""
    if details is None or not details.exists():
        return {}
    kept = {}
    for line in details.read_text("utf-8").splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if (value.get("format"), value.get("weights"), value.get("metal")) == (FORMAT, fingerprint(), metal):
            kept[value["key"]] = value
    return kept


def read_all(tasks: Sequence[Task], workers: int, details: Path | None) -> list[dict[str, Any]]:
    """Results in the order of the tasks; what stands in the details is not read again."""
    read = known(details, metal_digest(tasks[0].folder)) if tasks else {}
    fresh = [task for task in tasks if task.key not in read]
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        for done, value in enumerate(pool.map(read_plate, fresh), start=1):
            print(f"\r{done}/{len(fresh)}", end="", file=sys.stderr)
            read[value["key"]] = json.loads(json.dumps(value))
            if details is not None:
                keep(details, value)
    return [read[task.key] for task in tasks]


def keep(details: Path, value: dict[str, Any]) -> None:
    with details.open("ab+") as output:
        # A run that was stopped may have left half a line, which must not swallow this one.
        end = output.seek(0, os.SEEK_END)
        output.seek(max(0, end - 1))
        apart = b"" if output.read() in (b"", b"\n") else b"\n"
        output.write(apart + json.dumps(value, ensure_ascii=False).encode() + b"\n")


def sheet(folder: Path, plates: int) -> npt.NDArray[np.uint8]:
    """For the eye: a row a plate, from the least to the most visible: two of its photographs with the region,
    and where the strokes are with kind and visibility written above."""
    rows = []
    several = [on_metal_plate(folder, SEED, number) for number in range(plates)]
    for plate in sorted(several, key=lambda plate: float(np.mean(plate.visibility))):
        first, later, truth = (plate.photograph(index).copy() for index in (0, 3, 3))
        x0, y0, x1, y1 = (round(value) for value in plate.regions[0])
        cv2.rectangle(first, (x0, y0), (x1, y1), 255, 1)
        for box, visible in zip(plate.boxes, plate.visibility, strict=True):
            corners = np.rint(moved(box, plate.motions[3])).astype(np.int32)
            cv2.polylines(truth, [corners], True, 255, 1, cv2.LINE_AA)
            at = (int(corners[:, 0].min()), int(corners[:, 1].min()) - 5)
            cv2.putText(truth, f"{visible:.1f}", at, cv2.FONT_HERSHEY_PLAIN, 1.0, 255, 1, cv2.LINE_AA)
        said = f"{plate.number} {plate.kind} {plate.cut} "
        said += (
            plate.text if plate.script == "latin" else " ".join(f"U+{ord(glyph):04X}" for glyph in plate.text)
        )
        cv2.putText(truth, said, (6, 18), cv2.FONT_HERSHEY_PLAIN, 1.2, 255, 1, cv2.LINE_AA)
        rows.append(np.hstack([first, later, truth]))
    return np.asarray(np.vstack(rows), np.uint8)


def head(folder: Path, workers: int) -> list[str]:
    packages = ("rapidocr", "onnxruntime", "opencv-python-headless", "numpy")
    files = metal_files(folder)
    return [
        "Characters drawn on photographs of bare metal: "
        + ", ".join(f"{len(several)} pictures of {kind}" for kind, several in files.items())
        + f"; metal {metal_digest(folder)[:12]}, seed {SEED}; intervals: 95 %, all plates drawn anew.",
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{workers} processes of "
        "1 thread; "
        + ", ".join(f"{name} {version(name)}" for name in packages)
        + f"; weights {fingerprint()[:12]}.",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path, help="photographs of bare metal, KIND_NUMBER.jpg")
    parser.add_argument("--plates", type=int, default=PLATES)
    parser.add_argument("--bare", type=int, default=0, help="plates without characters")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--details", type=Path, help="JSON lines, one a plate; a run goes on from it")
    parser.add_argument("--oracle-band", action="store_true", help="ours on true cut-outs as well")
    parser.add_argument("--peer-only", action="store_true", help="RapidOCR alone")
    parser.add_argument("--sheet", type=Path, help="a picture of the plates for the eye; nothing is read")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    try:
        metal_files(folder)
    except NoMetalError as error:
        parser.error(str(error))
    if arguments.sheet:
        cv2.imwrite(str(arguments.sheet), sheet(folder, arguments.plates))
        return
    task = Task(folder, 0, False, arguments.peer_only, arguments.oracle_band)
    marked = [replace(task, number=number) for number in range(arguments.plates)]
    bare = [replace(task, number=number, bare=True) for number in range(arguments.bare)]
    print("\n\n".join(head(folder, arguments.workers)))
    # Together, so that no process waits between the two.
    results = read_all([*marked, *bare], arguments.workers, arguments.details)
    with_characters, without = results[: len(marked)], results[len(marked) :]
    if with_characters:
        print("\n## Errors: edits over characters\n")
        print("\n".join(error_table(with_characters)), flush=True)
        if not arguments.peer_only:
            print("\n## What ours says at the true characters\n")
            print("\n".join(state_table(with_characters)))
            print("\n" + "\n\n".join(figures_of(with_characters)))
    if without:
        print(f"\n## Bare: {len(without)} plates\n")
        print("\n".join(bare_table(without)))


if __name__ == "__main__":
    main()
