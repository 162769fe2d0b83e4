"""The record of a fused picture: complete, and the same picture made again of it."""

import json

import numpy as np
import pytest

from pipelines.errors import FusionError
from pipelines.fuse import FUSIONS
from pipelines.fuse.provenance import provenance, replayed
from pipelines.fuse.stack import stacked
from pipelines.photographs.lights import LightDirection
from tests.pipelines.fuse.stacks import photo, texture

PHOTOS = {i: photo(texture(i), f"{i:02d}") for i in range(4)}
LIGHTS = {i: LightDirection(90.0 * i, 40.0) for i in range(4)}


def made(name, **parameters):
    laid = {i: np.array([[1, 0, 0.4 * i], [0, 1, -0.3 * i], [0, 0, 1]]) for i in PHOTOS}
    stack = stacked(PHOTOS, laid, 2, LIGHTS)
    fused = FUSIONS[name].run(stack, **parameters)
    # As it comes back from a file.
    return fused, json.loads(json.dumps(provenance(stack, name, parameters, fused, {1: "by hand"})))


@pytest.mark.parametrize("name", FUSIONS)
def test_every_fusion_is_made_again_from_its_record(name):
    fused, record = made(name)
    again = replayed(record, list(PHOTOS.values())[::-1])
    assert np.array_equal(again.image, fused.image)
    assert [entry["weight"] for entry in record["photographs"]] == [fused.weights[i] for i in range(4)]
    assert record["photographs"][1]["laid"] == "by hand"
    assert record["photographs"][3]["light"] == {"azimuth": 270.0, "elevation": 40.0}


def test_parameters_stand_in_full_and_count():
    fused, record = made("deviation", gain=2.0)
    assert record["parameters"] == {"where": "common", "gain": 2.0}
    assert not np.array_equal(fused.image, made("deviation")[0].image)


@pytest.mark.parametrize(
    "change,said",
    [
        (lambda r: r["photographs"][0].update(sha256="gone"), "not among"),
        (lambda r: r["photographs"][0].update(pixels_sha256="0" * 64), "other pixels"),
        (lambda r: r.update(picture_sha256="0" * 64), "another picture"),
        (lambda r: r.update(fusion="magic"), "no record"),
        (lambda r: r.pop("photographs"), "no record"),
        (lambda r: r["photographs"][1].update(to_reference=[1, 2]), "no record"),
        (lambda r: r["photographs"][1].update(to_reference=[1, 0, 9, 0, 1, 0, 0, 0, 1]), "another picture"),
    ],
)
def test_what_does_not_fit_its_record_is_named(change, said):
    _, record = made("mean")
    change(record)
    with pytest.raises(FusionError, match=said):
        replayed(record, list(PHOTOS.values()))
