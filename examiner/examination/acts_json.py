"""Acts to and from plain values. `act_to_json` and `act_from_json` are inverse to each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from examiner.examination.acts import ACTS, KIND_OF, Act, AddedPhoto, Conditions, DescribePhotos
from examiner.examination.readings import RecordError, converted


def act_to_json(act: Act) -> dict[str, Any]:
    """`{"act": kind, …fields}` of plain values."""
    return {"act": KIND_OF[type(act)], **asdict(act)}


def act_from_json(value: Any) -> Act:
    """Inverse of `act_to_json`. Raises RecordError on anything that is no act; trusts nothing.

    Fields with a default came later than the act: ledgers of earlier versions do not name them.
    """
    name = value.get("act") if isinstance(value, Mapping) else None
    kind = ACTS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise RecordError(f"no act; acts are {', '.join(ACTS)}")
    if kind is DescribePhotos:
        value = {**value, "conditions": _every_condition(value.get("conditions"))}
    return converted(value, kind, f"act {name!r}")


def added_photo(value: Any) -> AddedPhoto:
    """A photograph as the ledger names it. Raises RecordError where it is none."""
    return converted(value, AddedPhoto, "photograph of a record")


def _every_condition(value: Any) -> dict[str, Any]:
    """The conditions with None for each field that is not named: what is not said stays as it was."""
    names = [field.name for field in fields(Conditions)]
    if not isinstance(value, Mapping) or not set(value) <= set(names):
        raise RecordError(f"conditions are {', '.join(names)}")
    return {name: value.get(name) for name in names}
