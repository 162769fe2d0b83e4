"""The glyph classes: what is seen, apart from the code point it is written with.

Twins of two scripts are one class, written Latin (А is A, В is B); 0 and O, З and 3 are classes of their own.
"""

DIGITS = "0123456789"
LATIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SEPARATORS = "-./"
CYRILLIC = "БГДЖЗИЙЛПФЦЧШЩЪЫЬЭЮЯ"
"""Russian capitals without a Latin twin."""

GLYPHS = DIGITS + LATIN + SEPARATORS + CYRILLIC

CYRILLIC_TWINS = dict(zip("АВЕЁКМНОРСТУХІЈЅ", "ABEEKMHOPCTYXIJS", strict=True))

ALPHABETS = {
    "latin": frozenset(DIGITS + LATIN + SEPARATORS),
    "cyrillic": frozenset(DIGITS + CYRILLIC + "".join(CYRILLIC_TWINS.values()) + SEPARATORS),
}
"""What can stand in a marking of which one knows the alphabet; both have digits and separators."""


def glyph_class(character: str) -> str | None:
    """The class of one character in any case and of either script; None where there is none."""
    upper = character.upper()
    upper = CYRILLIC_TWINS.get(upper, upper)
    return upper if len(upper) == 1 and upper in GLYPHS else None
