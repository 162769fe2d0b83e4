"""Types of the values that come from outside (browser, file), each with its bounds.

Fields of acts and readings are of these types; `examiner.examination.readings.converted` checks them.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

MAX_NUMBER = 2**31 - 1
"""Largest whole number in an act."""

MOST_NUMBERS = 1000
"""Numbers in one list of them."""

MAX_TEXT = 2000
"""Characters of a reason, a note or a name."""

MAX_FILE_NAME = 1000

Number = Annotated[int, Meta(ge=0, le=MAX_NUMBER)]
"""A whole number; True and 1.0 are none."""

Numbers = Annotated[tuple[Number, ...], Meta(max_length=MOST_NUMBERS)]

Coordinate = Annotated[float, Meta(gt=-1e6, lt=1e6)]
"""Pixels, not far outside any photograph."""

Corner = tuple[Coordinate, Coordinate]

Corners = tuple[Corner, Corner, Corner, Corner]
"""A `pipelines.types.Quad`."""

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]

WHOLE_CHARACTERS = r"^[^\ud800-\udfff]*\Z"
"""A lone surrogate has no UTF-8, in which the record is written."""

Text = Annotated[str, Meta(max_length=MAX_TEXT, pattern=WHOLE_CHARACTERS)]

FileName = Annotated[str, Meta(max_length=MAX_FILE_NAME, pattern=WHOLE_CHARACTERS)]

Extension = Annotated[str, Meta(pattern=r"^(\.[a-z0-9]{1,10})?\Z")]
"""Of an original: it becomes part of a path inside the casebook."""
