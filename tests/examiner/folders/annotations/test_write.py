"""Files for other programs: valid by their schemas, the same bytes each time, right to the pixel."""

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import etree
from pycocotools.coco import COCO

from examiner.folders.annotations.write import Targets, write_annotations
from pipelines.types import Candidate, LineProposal, PhotoEntry, Position, PositionState, Proposal, as_quad

SCHEMAS = Path(__file__).parent / "schemas"
PAGE = {"p": "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"}
ALTO = {"a": "http://www.loc.gov/standards/alto/ns-v4#"}
HOSTILE = "../<Page>&amp;\"'\x07\udcff銃/]]>.jpg"
IN_JSON = HOSTILE.replace("\udcff", "\\udcff")
HOSTILE_TEXT = IN_JSON.replace("\x07", "\\u0007")
SLANTED = as_quad([(9.5, 19.5), (109.5, 29.5), (107.5, 49.5), (7.5, 39.5)])


def position(left: float, *candidates: tuple[str, float], state: PositionState = "proposed") -> Position:
    box = as_quad([(left, 19.5), (left + 10, 20.5), (left + 9, 40.5), (left - 1, 39.5)])
    return Position(tuple(Candidate(glyph, p) for glyph, p in candidates), box, state)


def proposal(series: str, path: str, orientation: int = 1) -> Proposal:
    """Two photographs, the second with the line; then a frame of a video, and a broken file."""
    line = LineProposal(
        text="A?",
        best="A8",
        frame=1,
        quad=SLANTED,
        positions=(
            position(9.5, ("A", 0.9), ("4", 0.05)),
            position(29.5, ("", 0.7), ("1", 0.1), state="no_character"),
            position(49.5, ("8", 0.4), ("B", 0.3), ("", 0.1), state="alternatives"),
            position(-30.0, ("Ж", 0.2), state="unreadable"),
        ),
        readings=(("A8", 0.36), ("AB", 0.27)),
        mirrored=True,
    )
    photos = (
        PhotoEntry("first.jpg", "0" * 64, size=(120, 60)),
        PhotoEntry(path, "1" * 64, orientation=orientation, size=(120, 60)),
        PhotoEntry("film.mp4", "2" * 64, frame_time_s=1.5, size=(120, 60)),
        PhotoEntry("stack.tif", "3" * 64, picture=1, size=(120, 60)),
        PhotoEntry("broken.jpg", None),
    )
    return Proposal(series, photos, (line,), {"marks": "ok"}, 1.0)


@pytest.fixture(scope="module")
def targets(tmp_path_factory) -> Targets:
    folder = tmp_path_factory.mktemp("annotations")
    targets = Targets(folder / "page", folder / "alto", folder / "coco.json", folder / "tasks.json")
    written = write_annotations([proposal("b", HOSTILE, 6), proposal("a", "second.jpg")], targets)
    assert (written.photographs, written.left_out) == (4, 4)
    return targets


def documents(folder: Path, schema: str) -> list[etree._Element]:
    """The documents of a folder, held against the schema, by the name of the photograph."""
    rules = etree.XMLSchema(etree.parse(SCHEMAS / schema))
    trees = [etree.parse(path) for path in sorted(folder.rglob("*.xml"))]
    for tree in trees:
        rules.assertValid(tree)
    return [tree.getroot() for tree in trees]


def test_page_xml_is_valid_and_has_every_character_with_its_alternatives(targets):
    roots = documents(targets.page_xml, "page-2019-07-15.xsd")
    names = [root.find("p:Page", PAGE).get("imageFilename") for root in roots]
    assert sorted(names) == sorted(["first.jpg", "first.jpg", "second.jpg", HOSTILE_TEXT])
    (page,) = (
        root.find("p:Page", PAGE)
        for root in roots
        if root.find("p:Page", PAGE).get("imageFilename") == "second.jpg"
    )
    assert (page.get("imageWidth"), page.get("imageHeight")) == ("120", "60")
    glyphs = page.findall(".//p:Glyph", PAGE)
    assert [glyph.find("p:TextEquiv/p:Unicode", PAGE).text for glyph in glyphs] == ["A", "8", "Ж"]
    alternatives = [
        (e.find("p:Unicode", PAGE).text, float(e.get("conf"))) for e in glyphs[1].findall("p:TextEquiv", PAGE)
    ]
    assert alternatives == [("8", 0.4), ("B", 0.3)]
    line = page.find(".//p:TextLine", PAGE)
    assert line.find("p:Coords", PAGE).get("points") == "10,20 110,30 108,50 8,40"
    assert [float(e.get("conf")) for e in line.findall("p:TextEquiv", PAGE)] == [0.36, 0.27]
    assert line.get("custom") == "mirrored"


def test_alto_is_valid_and_has_every_character_with_its_outline(targets):
    roots = documents(targets.alto, "alto-4-2.xsd")
    by_name = {root.findtext(".//a:fileName", None, ALTO): root for root in roots}
    assert set(by_name) == {"first.jpg", "second.jpg", HOSTILE_TEXT}
    root = by_name["second.jpg"]
    string = root.find(".//a:String", ALTO)
    assert (string.get("CONTENT"), float(string.get("WC"))) == ("A8", 0.36)
    glyphs = root.findall(".//a:Glyph", ALTO)
    assert [(glyph.get("CONTENT"), float(glyph.get("GC"))) for glyph in glyphs] == [
        ("A", 0.9),
        ("8", 0.4),
        ("Ж", 0.2),
    ]
    assert (
        glyphs[0].find("a:Shape/a:Polygon", ALTO).get("POINTS")
        == "10.00,20.00 20.00,21.00 19.00,41.00 9.00,40.00"
    )
    assert [glyphs[0].get(name) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")] == [
        "9.00",
        "20.00",
        "11.00",
        "21.00",
    ]
    assert [(v.get("CONTENT"), float(v.get("VC"))) for v in glyphs[1].findall("a:Variant", ALTO)] == [
        ("B", 0.3)
    ]


def test_coco_is_read_by_its_own_tool(targets):
    coco = COCO(targets.coco)
    assert [image["file_name"] for image in coco.loadImgs([1, 2, 3, 4])] == [
        *("first.jpg", "second.jpg", "first.jpg", IN_JSON)
    ]
    line, *characters = coco.loadAnns(coco.getAnnIds(imgIds=[2]))
    assert coco.loadCats([line["category_id"]])[0]["name"] == "line"
    assert [coco.loadCats([c["category_id"]])[0]["name"] for c in characters] == ["A", "8", "Ж"]
    assert line["bbox"] == [8, 20, 102, 30] and line["area"] == pytest.approx(2020)
    assert coco.annToMask(line)[35, 60] == 1 and coco.annToMask(line)[22, 100] == 0
    assert [c["score"] for c in characters] == [0.9, 0.4, 0.2]
    assert {c["line"] for c in characters} == {line["id"]}


def test_a_corner_outside_the_picture_is_moved_to_its_border(targets):
    coco = COCO(targets.coco)
    outside = coco.loadAnns(coco.getAnnIds(imgIds=[2]))[-1]
    assert min(outside["segmentation"][0]) == 0


def test_label_studio_has_a_task_for_each_photograph(targets):
    tasks = json.loads(targets.label_studio.read_text())
    assert len(tasks) == 4
    task = tasks[3]
    assert unquote(task["data"]["image"]) == f"/data/local-files/?d={IN_JSON}"
    assert task["data"]["exif_orientation"] == 6
    (prediction,) = tasks[1]["predictions"]
    assert prediction["score"] == 0.2
    outline, text = prediction["result"][:2]
    assert outline["id"] == text["id"] and text["value"]["text"] == ["A8"]
    pixels = [(x * 1.2, y * 0.6) for x, y in outline["value"]["points"]]
    assert pixels == [pytest.approx(corner, abs=1e-3) for corner in ((10, 20), (110, 30), (108, 50), (8, 40))]


def test_the_same_results_in_another_order_give_the_same_bytes(targets, tmp_path):
    again = Targets(tmp_path / "page", tmp_path / "alto", tmp_path / "coco.json", tmp_path / "tasks.json")
    write_annotations([proposal("a", "second.jpg"), proposal("b", HOSTILE, 6)], again)

    def contents(folder: Path) -> dict[str, bytes]:
        return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}

    assert contents(tmp_path) == contents(targets.coco.parent)


def test_no_name_leaves_the_folder(targets):
    inside = [path for path in targets.coco.parent.rglob("*") if path.is_file()]
    assert len(inside) == 2 + 2 * 4
    assert {path.suffix for path in inside} == {".xml", ".json"}


def test_results_of_an_earlier_version_do_not_know_the_size_and_are_counted(tmp_path):
    old = proposal("a", "second.jpg")
    old = replace(old, photos=tuple(replace(photo, size=None) for photo in old.photos))
    written = write_annotations([old], Targets(coco=tmp_path / "coco.json"))
    assert (written.photographs, written.left_out) == (0, 4)
