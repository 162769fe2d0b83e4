"""How photographs were taken and how they are laid out: acts of the record that no undo takes back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examiner.examination.acts import (
    AddedPhoto,
    AddPhotos,
    Conditions,
    Decide,
    DescribePhotos,
    DrawLine,
    Lock,
    Mode,
    Observe,
    OrderError,
    OrderPhotos,
    OrientPhotos,
    PhotoOrder,
    Place,
    ProposedPosition,
    Reveal,
    Sign,
    Undo,
)
from examiner.examination.acts_json import act_from_json
from examiner.examination.conditions import (
    MAX_PHOTOS,
    DescribedSeries,
    Lying,
    arranged,
    ordered,
    undescribed,
)
from examiner.examination.order_of_work import apply, awaits_proposal, begin
from examiner.examination.readings import RecordError
from tests.examiner.drawn import after, box, read

LINE = DrawLine(Place(0, box(0, 40)), 2)
ONE_MORE = AddPhotos((AddedPhoto("b.jpg", "0" * 64, ".jpg", None),))


def describe(*photos: int, **said: str) -> DescribePhotos:
    given = {name: said.get(name) for name in ("method", "reagent", "cycle", "light", "note")}
    return DescribePhotos(photos, Conditions(**given))


def reveal(*places: Place) -> Reveal:
    return Reveal("ab" * 32, tuple(ProposedPosition(0, i, place) for i, place in enumerate(places)))


def test_only_the_fields_that_are_said_change_and_only_of_the_photographs_named():
    now = apply(begin(Mode.CASEWORK, 3), describe(0, 2, method="etched", cycle="2"))
    now = apply(now, describe(2, reagent=" Fry's "))
    now = apply(now, describe(0, cycle=""))
    assert now.series.conditions == (
        Conditions(method="etched"),
        Conditions(),
        Conditions(method="etched", cycle="2", reagent="Fry's"),
    )


def test_an_undo_takes_back_a_reading_and_nothing_of_the_photographs():
    now = after(Mode.CASEWORK, 2, [LINE, Observe(1, read("A")), describe(1, note="wet"), ONE_MORE])
    now = apply(apply(now, OrderPhotos(PhotoOrder.OWN, (2, 0, 1))), Undo())
    assert [p.own for p in now.positions] == [None, None]
    assert now.photos == 3 and now.series.own_order == (2, 0, 1)
    assert [said.note for said in now.series.conditions] == ["", "wet", ""]
    now = apply(now, Undo())
    assert now.positions == () and now.photos == 3 and now.series.conditions[1].note == "wet"


def test_how_a_photograph_lies_is_said_and_taken_back():
    now = apply(begin(Mode.CASEWORK, 3), OrientPhotos((0, 2), 1, True))
    assert now.series.oriented == {0: Lying(1, True), 2: Lying(1, True)}
    assert now.series.lying(1) == Lying(0, False)
    now = apply(apply(now, OrientPhotos((0,), 0, False)), OrientPhotos((2,), 2, True))
    assert now.series.oriented == {2: Lying(2, True)}


def test_how_a_photograph_lies_is_said_before_bands_are_drawn_in_it():
    now = after(Mode.CASEWORK, 2, [LINE])
    frame = LINE.place.frame
    with pytest.raises(OrderError, match="before you draw bands"):
        apply(now, OrientPhotos((frame,), 1, False))
    assert apply(now, OrientPhotos((1 - frame,), 1, False)).series.lying(1 - frame) == Lying(1)
    assert apply(apply(now, Undo()), OrientPhotos((frame,), 0, True)).series.lying(frame) == Lying(0, True)


@pytest.mark.parametrize("photos", [(), (3,), (0, 5)])
def test_only_photographs_of_the_series_are_said_to_lie_so(photos):
    with pytest.raises(OrderError):
        apply(begin(Mode.CASEWORK, 3), OrientPhotos(photos, 1, False))


@pytest.mark.parametrize("turns", [-1, 4])
def test_quarter_turns_are_none_to_three(turns):
    with pytest.raises(RecordError):
        OrientPhotos((0,), turns, False)


@pytest.mark.parametrize(
    "act",
    [
        describe(3, method="x"),
        describe(method="x"),
        OrderPhotos(PhotoOrder.OWN, (0, 1)),
        OrderPhotos(PhotoOrder.OWN, (0, 1, 3)),
        OrderPhotos(PhotoOrder.OWN, ()),
        OrderPhotos(PhotoOrder.NAME, (0, 1, 2)),
        AddPhotos(()),
        AddPhotos(ONE_MORE.added * MAX_PHOTOS),
    ],
)
def test_what_does_not_fit_the_series_is_refused(act):
    with pytest.raises(OrderError):
        apply(begin(Mode.CASEWORK, 3), act)


def test_photographs_are_described_in_every_phase_but_the_signed_one_and_join_in_none_but_two():
    now = after(Mode.CASEWORK, 1, [LINE, Observe(1, read()), Observe(2, read()), ONE_MORE, Lock()])
    assert apply(now, describe(1, light="NE")).series.conditions[1].light == "NE"
    with pytest.raises(OrderError, match="between the lock and the reveal"):
        apply(now, ONE_MORE)
    now = apply(now, reveal(*(p.place for p in now.positions)))
    assert apply(now, ONE_MORE).photos == 3
    assert not awaits_proposal(apply(now, ONE_MORE))
    for position in now.positions:
        now = apply(now, Decide(position.id, read()))
    signed = apply(now, Sign())
    for act in (ONE_MORE, describe(0, method="x"), OrderPhotos(PhotoOrder.NAME)):
        with pytest.raises(OrderError, match="signed"):
            apply(signed, act)


def test_in_training_a_grown_series_is_shown_anew_and_what_was_read_stays():
    here, there, new = (Place(0, box(x)) for x in (0, 20, 40))
    now = after(Mode.TRAINING, 1, [reveal(here, there)])
    with pytest.raises(OrderError, match="already shown"):
        apply(now, reveal(here))
    now = apply(apply(now, Decide(1, read("7"))), ONE_MORE)
    assert awaits_proposal(now)
    now = apply(now, reveal(new))
    assert [(p.id, p.proposed, p.final and p.final.reading) for p in now.positions] == [
        (1, None, "7"),
        (3, (0, 0), None),
    ]
    assert not awaits_proposal(now)


NAMES = ["a10.jpg", "a9.jpg", "b.jpg"]


@pytest.mark.parametrize(
    ("by", "own", "times", "order"),
    [
        (PhotoOrder.NAME, (), ["", "", ""], [1, 0, 2]),
        (PhotoOrder.TIME, (), ["", "", ""], [1, 0, 2]),
        (PhotoOrder.TIME, (), ["2026:01:02", "2026:01:03", "2026:01:01"], [2, 0, 1]),
        (PhotoOrder.TIME, (), ["", "2026:01:03", "2026:01:01"], [2, 1, 0]),
        (PhotoOrder.OWN, (2, 0), ["", "", ""], [2, 0, 1]),
    ],
)
def test_photographs_are_laid_out_by_time_else_by_name_or_as_the_examiner_says(by, own, times, order):
    assert arranged(DescribedSeries(undescribed(3).conditions, by, own), NAMES, times) == order


@given(st.permutations(range(6)), st.sampled_from(PhotoOrder))
def test_every_photograph_is_laid_out_once(own, by):
    order = OrderPhotos(by, tuple(own) if by is PhotoOrder.OWN else ())
    assert sorted(arranged(ordered(undescribed(6), order), ["x"] * 6, [""] * 6)) == list(range(6))


@pytest.mark.parametrize(
    "value",
    [
        {"act": "describe_photos", "photos": [0], "conditions": {"method": "x" * 121}},
        {"act": "describe_photos", "photos": [0], "conditions": {"cycle": "two"}},
        {"act": "describe_photos", "photos": [0], "conditions": {"cycle": "-1"}},
        {"act": "describe_photos", "photos": [0], "conditions": {"method": "a\nb"}},
        {"act": "describe_photos", "photos": [0], "conditions": {"method": 7}},
        {"act": "describe_photos", "photos": [0], "conditions": {"reading": "8"}},
        {"act": "describe_photos", "photos": [0], "conditions": []},
        {"act": "describe_photos", "photos": [0, 0], "conditions": {}},
        {"act": "describe_photos", "photos": "01", "conditions": {}},
        {"act": "describe_photos", "photos": list(range(1001)), "conditions": {}},
        {"act": "order_photos", "by": "evidence", "own": []},
        {"act": "order_photos", "by": "own", "own": [True, False]},
        {"act": "add_photos", "added": [{"name": "a", "sha256": "0" * 64, "extension": "/../x"}]},
    ],
)
def test_hostile_values_are_no_acts(value):
    with pytest.raises(RecordError):
        act_from_json(value)
