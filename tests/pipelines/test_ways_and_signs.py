"""The whole way on numbers turned over, with signs that no class covers, and with small letters."""

from pathlib import Path

import cv2
import pytest

from pipelines.propose import propose_series
from pipelines.types import LineProposal, Proposal


def longest(proposal: Proposal) -> LineProposal:
    return max(proposal.lines, key=lambda line: len(line.best))


def written(path: Path, text: str, struck, over=None, seed: int = 1) -> Path:
    """A struck number, its picture turned over as `over` says."""
    struck(path, text, seed=seed, size=(900, 300), base=190)
    if over is not None:
        picture = cv2.imread(str(path))
        cv2.imwrite(str(path), picture[::-1, ::-1] if over == "turned" else picture[:, ::-1])
    return path


@pytest.mark.parametrize(
    ("text", "over"), [("A52907", "turned"), ("B70392", "turned"), ("R4827", "mirrored")]
)
def test_a_number_turned_over_is_read_or_named_beside_the_likelier(tmp_path, struck, text, over):
    line = longest(propose_series([written(tmp_path / "over.png", text, struck, over)]))
    ways = [line, *line.other_ways]
    assert text in [way.best for way in ways]
    assert line.best == text or line.direction.p < 0.8
    for way in ways:
        assert all(c.p <= way.direction.p for p in way.positions for c in p.candidates)
    assert sum(way.direction.p for way in ways) <= 1.0001
    assert sum(p for _, p in line.readings) <= 1.0001


def test_what_reads_from_both_sides_is_proposed_both_ways_with_joint_probabilities(tmp_path, struck):
    line = longest(propose_series([written(tmp_path / "both.png", "M6089X", struck, "turned")]))
    readings = dict(line.readings)
    assert {"M6089X", "X6809W"} <= {line.best, *(way.best for way in line.other_ways)}
    assert {"M6089X", "X6809W"} <= set(readings) and sum(readings.values()) <= 1.0001


def test_what_a_person_says_of_a_mirror_is_a_fact(tmp_path, struck):
    path = written(tmp_path / "cast.png", "R4827", struck, "mirrored")
    said = propose_series([path], mirrored=True)
    assert longest(said).best == "R4827" and longest(said).mirrored
    assert longest(said).direction.known == ("mirror",)
    assert not any(way.mirrored != longest(said).mirrored for way in longest(said).other_ways)
    denied = propose_series([path], mirrored=False)
    assert not any(line.mirrored or any(way.mirrored for way in line.other_ways) for line in denied.lines)
    upright = propose_series([path], mirrored=True, rotate_cw=0.0)
    assert longest(upright).best == "R4827" and longest(upright).direction.p == 1.0


@pytest.mark.parametrize(("text", "odd"), [("48+27#1", (2, 5)), ("*48271*", (0, 6))])
def test_a_sign_that_no_class_covers_is_a_low_position(tmp_path, struck, text, odd):
    line = longest(propose_series([written(tmp_path / "odd.png", text, struck)]))
    assert len(line.positions) == len(text)
    for number, (sign, position) in enumerate(zip(line.text, line.positions, strict=True)):
        if number in odd:
            assert sign == "?" and position.candidates[0].p < 0.5 and position.other_sign > 0.5
        else:
            assert position.candidates[0].glyph == text[number]


def test_letter_case_is_said_to_be_open(tmp_path, struck):
    proposal = propose_series([written(tmp_path / "small.png", "4567k", struck)])
    assert proposal.to_json()["letter_case"] == "open"
    assert Proposal.from_json(proposal.to_json()) == proposal
