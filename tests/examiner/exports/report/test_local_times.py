"""Local time beside UTC, in the zone of the laboratory."""

from __future__ import annotations

import pytest

from examiner.casebook.laboratory import LaboratoryError, laboratory_from_json, shipped
from examiner.exports.report.local_times import local_times, zone_of

WINTER, SUMMER = "2026-12-01T12:44:21.123456+00:00", "2026-07-01T22:44:21.000000+00:00"


@pytest.mark.parametrize(
    ("zone", "winter", "summer"),
    [
        (
            "Europe/Berlin",
            "2026-12-01 12:44:21 UTC (13:44:21 +01:00)",
            "2026-07-01 22:44:21 UTC (2026-07-02 00:44:21 +02:00)",
        ),
        (
            "America/St_Johns",
            "2026-12-01 12:44:21 UTC (09:14:21 -03:30)",
            "2026-07-01 22:44:21 UTC (20:14:21 -02:30)",
        ),
        ("UTC", "2026-12-01 12:44:21 UTC", "2026-07-01 22:44:21 UTC"),
    ],
)
def test_each_time_has_the_local_one_beside_it(zone, winter, summer):
    times = local_times({"a": [{"at": WINTER}], "b": SUMMER, "c": "2026", "d": None}, zone)
    assert times["written"] == {WINTER: winter, SUMMER: summer}
    assert zone in times["said"]


def test_without_a_zone_it_is_the_computers_and_said():
    assert "names no zone" in local_times({}, "")["said"]


def test_the_laboratory_names_a_zone_that_is_known():
    words = {**shipped().to_json(), "zone": "Asia/Tbilisi"}
    assert laboratory_from_json(words).zone == zone_of(words) == "Asia/Tbilisi"
    for wrong in ("Mars/Crater", "../../etc/passwd", "/etc/localtime"):
        with pytest.raises(LaboratoryError, match="zone"):
            laboratory_from_json({**words, "zone": wrong})
        assert zone_of({"zone": wrong}) == ""
    assert zone_of({}) == ""
