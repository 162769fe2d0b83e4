"""XML that is the same for the same content, whatever is in it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """Text in which characters that XML cannot hold are written as codes, \\u0007."""
    return _FORBIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def xml_bytes(root: ElementTree.Element) -> bytes:
    """The document in UTF-8. Values are escaped; of text, give `xml_text`."""
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"
