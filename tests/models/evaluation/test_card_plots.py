"""The card's pictures: well-formed, the same bytes again, and showing the numbers they were given."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from models.evaluation.card_plots import NOTHING, by_tier, confusion_svg, pairs_of, reliability_svg
from pipelines.probability.judging import JudgedPosition, JudgedSeries


def series(truth: str, read: str, p: float = 0.75) -> JudgedSeries:
    positions = tuple(JudgedPosition(a, b, p, p, (b,)) for a, b in zip(truth, read, strict=True))
    return JudgedSeries(truth, read, sum(a != b for a, b in zip(truth, read, strict=True)), positions, p)


def titles(svg: str) -> list[str]:
    return [node.text for node in ElementTree.fromstring(svg).iter() if node.tag.endswith("title")]


def test_the_diagram_names_each_bin_and_the_error():
    svg = reliability_svg({"intact & new": [series("48", "48"), series("48", "43")]}, bins=1)
    assert titles(svg) == ["0.750 given, 0.750 right, 4 characters"]
    assert "intact &amp; new: 4 characters, ECE 0.000" in svg


def test_the_matrix_names_each_pair_and_what_was_passed_over():
    missing = JudgedSeries("81", "8", 1, (JudgedPosition("8", "8", 0.9, 0.9, ("8",)),), 0.9)
    inserted = JudgedSeries("", "7", 1, (JudgedPosition("", "7", 0.4, 0.0, ()),), 0.4)
    told = titles(confusion_svg([series("88", "83"), missing, inserted]))
    assert told == [
        "1 read as ∅: 1 of 1",
        "8 read as 3: 1 of 3",
        "8 read as 8: 2 of 3",
        "∅ read as 7: 1 of 1",
    ]
    assert NOTHING == "∅"
    assert pairs_of([missing]) == {("8", "8"): 1, ("1", ""): 1}


def test_the_same_details_give_the_same_bytes(tmp_path):
    lines = [
        {"tier": tier, "seed": seed, "blank": False, "judged": {"ours": {"region": one.to_json()}}}
        for tier, seed, one in (("etched", 2, series("1", "7")), ("intact", 1, series("4", "4")))
    ]
    lines.append({"tier": "intact", "seed": 9, "blank": True, "judged": {}})
    written = []
    for number, order in enumerate((lines, lines[::-1])):
        path = tmp_path / f"{number}.jsonl"
        path.write_text("\n".join(map(json.dumps, order)), "utf-8")
        tiers = by_tier(path, "region")
        assert list(tiers) == ["intact", "etched"]
        written.append(reliability_svg(tiers) + confusion_svg([one for own in tiers.values() for one in own]))
    assert written[0] == written[1]


def test_nothing_drawn_is_a_picture_too():
    for svg in (reliability_svg({}), reliability_svg({"intact": []}), confusion_svg([])):
        assert ElementTree.fromstring(svg).tag.endswith("svg")


@pytest.mark.parametrize("glyph", ["<", "&", "Щ"])
def test_any_glyph_can_be_shown(glyph):
    assert f"{glyph} read as {glyph}: 1 of 1" in titles(confusion_svg([series(glyph, glyph)]))
