from pipelines.glyphs import CYRILLIC_TWINS, GLYPHS, glyph_class


def test_every_class_is_there_once_and_is_its_own_class():
    assert len(set(GLYPHS)) == len(GLYPHS)
    assert all(glyph_class(glyph) == glyph for glyph in GLYPHS)


def test_twins_of_two_scripts_are_one_class_written_latin():
    assert [glyph_class(letter) for letter in "АВЕКМНОРСТХ"] == list("ABEKMHOPCTX")
    assert all(latin in GLYPHS and twin not in GLYPHS for twin, latin in CYRILLIC_TWINS.items())


def test_nought_and_o_and_three_and_ze_stay_apart():
    assert len({glyph_class(sign) for sign in "0O3З"}) == 4


def test_small_letters_are_their_capitals():
    assert [glyph_class(letter) for letter in "azжя"] == list("AZЖЯ")


def test_what_is_no_glyph_has_no_class():
    assert [glyph_class(sign) for sign in ("+", " ", "", "公", "é", "AB", "ß")] == [None] * 7
