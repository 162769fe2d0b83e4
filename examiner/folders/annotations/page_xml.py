"""A photograph's lines and characters as PAGE XML, version 2019-07-15.

Pletschacher, Antonacopoulos: The PAGE (Page Analysis and Ground-truth Elements) format framework, ICPR 2010,
https://doi.org/10.1109/ICPR.2010.72. Points are whole pixels, as the schema demands.
"""

from __future__ import annotations

from importlib.metadata import version
from xml.etree.ElementTree import Element, SubElement

from examiner.casebook.versions import PROGRAM
from examiner.folders.annotations.boxes import AnnotatedPhotograph, CharacterBox, LineBox
from examiner.folders.annotations.xml_text import xml_bytes, xml_text
from pipelines.types import Quad

NAMESPACE = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"

NO_TIME = "1970-01-01T00:00:00"
"""The schema demands a time; with the time of the run, the same results would not give the same bytes."""

COMMENT = (
    "Proposals of a machine, not readings. Points are pixels of the photograph as stored, before its EXIF "
    "orientation. The times above are not recorded."
)


def page_xml(photograph: AnnotatedPhotograph) -> bytes:
    """The document. Each line is a region with one line, one word and a glyph for each character."""
    root = Element("PcGts", {"xmlns": NAMESPACE})
    metadata = SubElement(root, "Metadata")
    SubElement(metadata, "Creator").text = f"{PROGRAM} {version(PROGRAM)}"
    SubElement(metadata, "Created").text = NO_TIME
    SubElement(metadata, "LastChange").text = NO_TIME
    SubElement(metadata, "Comments").text = COMMENT
    page = SubElement(
        root,
        "Page",
        {
            "imageFilename": xml_text(photograph.path),
            "imageWidth": str(photograph.width),
            "imageHeight": str(photograph.height),
            "custom": f"sha256 {photograph.sha256}; EXIF orientation {photograph.orientation}",
        },
    )
    for number, line in enumerate(photograph.lines, 1):
        _region(page, f"line_{number}", line)
    return xml_bytes(root)


def _region(page: Element, name: str, line: LineBox) -> None:
    region = SubElement(page, "TextRegion", {"id": f"{name}_region"})
    _coords(region, line.quad)
    row = SubElement(region, "TextLine", {"id": name, **({"custom": "mirrored"} if line.mirrored else {})})
    _coords(row, line.quad)
    word = SubElement(row, "Word", {"id": f"{name}_word"})
    _coords(word, line.quad)
    for number, character in enumerate(line.characters, 1):
        _glyph(word, f"{name}_glyph_{number}", character)
    for parent in (word, row):
        for index, (text, p) in enumerate(line.readings or ((line.text, 0.0),)):
            _text(parent, text, p if line.readings else None, index)


def _glyph(word: Element, name: str, character: CharacterBox) -> None:
    glyph = SubElement(word, "Glyph", {"id": name})
    _coords(glyph, character.quad)
    for index, (text, p) in enumerate(character.candidates):
        _text(glyph, text, p, index)


def _text(parent: Element, text: str, p: float | None, index: int) -> None:
    confidence = {} if p is None else {"conf": f"{p:.6f}"}
    equivalent = SubElement(parent, "TextEquiv", {"index": str(index), **confidence})
    SubElement(equivalent, "Unicode").text = xml_text(text)


def _coords(parent: Element, quad: Quad) -> None:
    SubElement(parent, "Coords", {"points": " ".join(f"{round(x)},{round(y)}" for x, y in quad)})
