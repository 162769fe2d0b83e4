"""A photograph's lines and characters as ALTO 4.2, https://www.loc.gov/standards/alto/."""

from __future__ import annotations

from importlib.metadata import version
from xml.etree.ElementTree import Element, SubElement

from examiner.casebook.versions import PROGRAM
from examiner.folders.annotations.boxes import AnnotatedPhotograph, CharacterBox, LineBox, rectangle
from examiner.folders.annotations.xml_text import xml_bytes, xml_text
from pipelines.types import Quad

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"


def alto_xml(photograph: AnnotatedPhotograph) -> bytes:
    """The document. Each line is a block with one line, one string and a glyph for each character."""
    root = Element("alto", {"xmlns": NAMESPACE, "SCHEMAVERSION": "4.2"})
    description = SubElement(root, "Description")
    SubElement(description, "MeasurementUnit").text = "pixel"
    source = SubElement(description, "sourceImageInformation")
    SubElement(source, "fileName").text = xml_text(photograph.path)
    SubElement(source, "fileIdentifier").text = f"sha256:{photograph.sha256}"
    processing = SubElement(description, "Processing", {"ID": "processing"})
    SubElement(processing, "processingStepDescription").text = (
        "Proposals of a machine, not readings. Pixels of the photograph as stored, before its EXIF "
        f"orientation ({photograph.orientation})."
    )
    software = SubElement(processing, "processingSoftware")
    SubElement(software, "softwareName").text = PROGRAM
    SubElement(software, "softwareVersion").text = version(PROGRAM)
    size = {"WIDTH": str(photograph.width), "HEIGHT": str(photograph.height)}
    page = SubElement(SubElement(root, "Layout"), "Page", {"ID": "page", "PHYSICAL_IMG_NR": "1", **size})
    space = SubElement(page, "PrintSpace", {"HPOS": "0", "VPOS": "0", **size})
    for number, line in enumerate(photograph.lines, 1):
        _block(space, f"line_{number}", line)
    return xml_bytes(root)


def _block(space: Element, name: str, line: LineBox) -> None:
    block = SubElement(space, "TextBlock", {"ID": f"{name}_block", **_rectangle(line.quad)})
    _shape(block, line.quad)
    row = SubElement(block, "TextLine", {"ID": name, **_rectangle(line.quad)})
    _shape(row, line.quad)
    string = SubElement(
        row,
        "String",
        {
            "ID": f"{name}_string",
            "CONTENT": xml_text(line.text),
            "WC": f"{line.p:.6f}",
            **_rectangle(line.quad),
        },
    )
    _shape(string, line.quad)
    for number, character in enumerate(line.characters, 1):
        _glyph(string, f"{name}_glyph_{number}", character)


def _glyph(string: Element, name: str, character: CharacterBox) -> None:
    glyph = SubElement(
        string,
        "Glyph",
        {
            "ID": name,
            "CONTENT": xml_text(character.glyph),
            "GC": f"{character.p:.6f}",
            **_rectangle(character.quad),
        },
    )
    _shape(glyph, character.quad)
    for text, p in character.candidates[1:]:
        SubElement(glyph, "Variant", {"CONTENT": xml_text(text), "VC": f"{p:.6f}"})


def _rectangle(quad: Quad) -> dict[str, str]:
    names = ("HPOS", "VPOS", "WIDTH", "HEIGHT")
    return {name: f"{value:.2f}" for name, value in zip(names, rectangle(quad), strict=True)}


def _shape(parent: Element, quad: Quad) -> None:
    points = " ".join(f"{x:.2f},{y:.2f}" for x, y in quad)
    SubElement(SubElement(parent, "Shape"), "Polygon", {"POINTS": points})
