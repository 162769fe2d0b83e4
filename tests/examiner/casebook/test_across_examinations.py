"""The side doors of the gate and of the second reading, tried on a casebook."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from examiner.casebook.casebook import Casebook
from examiner.casebook.laboratory import shipped
from examiner.casebook.verification import casebook_wrong
from examiner.examination.acts import Decide, DrawLine, Lock, Mode, Observe, OrderError, Phase, Place, Settle
from examiner.examination.permissions import Deed
from examiner.examination.seen_state import StaleError
from examiner.exports.report.content import report_value
from tests.examiner.drawn import box, proposal, read
from tests.examiner.whole_case import read_alone

SAMPLE = Path(__file__).parents[3] / "sample_images" / "01_intact_stamped" / "frame_01.jpg"


@pytest.fixture
def plate() -> Path:
    if not SAMPLE.is_file():
        pytest.skip("the sample series are not here")
    return SAMPLE


@pytest.fixture
def copy(plate: Path, tmp_path: Path) -> Path:
    """The plate saved again, smaller and turned."""
    pixels = cv2.resize(cv2.imread(str(plate)), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(tmp_path / "copy.jpg"), cv2.rotate(pixels, cv2.ROTATE_180))
    return tmp_path / "copy.jpg"


def shown(casebook: Casebook, id: str, actor: str) -> None:
    casebook.keep_proposal(id, proposal([box(0), box(10)]))
    casebook.reveal(id, actor)


def decided(casebook: Casebook, photo: Path) -> str:
    id = casebook.begin(Mode.CASEWORK, [photo], "eva", "plate")
    read_alone(casebook, id, "eva", "AB")
    shown(casebook, id, "eva")
    for position in (1, 2):
        casebook.act(id, Decide(position, read("A")), "eva")
    return id


@pytest.mark.parametrize("mode", [Mode.TRAINING, Mode.INFORMED])
def test_a_copy_opens_no_side_door_while_the_plate_is_read_alone(casebook, plate, copy, mode):
    earlier = casebook.begin(mode, [plate], "max", "exercise")
    shown(casebook, earlier, "max")
    id = casebook.begin(Mode.CASEWORK, [plate], "eva", "plate")
    before = casebook.history(earlier), casebook.history(id)
    for person, words in (("eva", "lock that reading first"), ("ann", "eva is reading")):
        with pytest.raises(OrderError, match=words):
            casebook.begin(mode, [copy], person, "side door")
        with pytest.raises(OrderError, match=words):
            casebook.refuse(earlier, person, Deed.SEE)
    # Only that an original was taken in and belongs to no examination is recorded, by no examination.
    assert [entry.id for entry in casebook.examinations()] == [earlier, id]
    assert (casebook.history(earlier), casebook.history(id)) == before
    # Max was shown the proposal before: nothing is lost by it, and he can be no second examiner.
    casebook.refuse(earlier, "max", Deed.SEE)
    read_alone(casebook, id, "eva", "AB")
    with pytest.raises(OrderError, match="was shown what a program made"):
        casebook.begin_second(id, "max")
    shown(casebook, id, "eva")
    casebook.begin(mode, [copy], "ann", "no side door any more")


def test_an_exercise_that_was_begun_before_is_not_revealed_while_the_plate_is_read_alone(
    casebook, plate, copy
):
    exercise = casebook.begin(Mode.TRAINING, [copy], "eva", "exercise")
    casebook.keep_proposal(exercise, proposal([box(0)]))
    casebook.begin(Mode.CASEWORK, [plate], "eva", "plate")
    with pytest.raises(OrderError, match="lock that reading first"):
        casebook.reveal(exercise, "eva")


def test_who_was_shown_it_before_is_named_as_informed_in_record_and_report(casebook, plate, copy):
    exercise = casebook.begin(Mode.TRAINING, [copy], "eva", "exercise")
    shown(casebook, exercise, "eva")
    id = casebook.begin(Mode.CASEWORK, [plate], "eva", "plate")
    [note] = casebook.examination(id).informed
    assert (note.person, note.what, note.examination) == ("eva", "proposal", exercise)
    read_alone(casebook, id, "eva", "AB")
    order = report_value(casebook, id, shipped())["order"]
    assert "Informed: eva was shown" in order and "before a program's proposal could be seen" not in order
    assert casebook.examination(casebook.begin(Mode.CASEWORK, [plate], "ann", "")).informed == ()
    assert casebook_wrong(casebook.folder) == []


def test_what_photographs_show_is_known_after_reopening_and_for_earlier_casebooks(casebook, plate, copy):
    casebook.begin(Mode.CASEWORK, [plate], "eva", "plate")
    casebook._database.connection.execute("DELETE FROM exposures")
    with Casebook(casebook.folder) as again:
        again.learn_photographs()
        with pytest.raises(OrderError, match="lock that reading first"):
            again.begin(Mode.TRAINING, [copy], "eva", "side door")


def test_a_second_examiner_acts_on_the_own_reading_only(casebook, plate):
    id = casebook.begin(Mode.CASEWORK, [plate], "eva", "plate")
    casebook.act(id, DrawLine(Place(0, box(0, 20)), 2), "eva")
    second = casebook.begin_second(id, "max")
    read_alone(casebook, second, "max", "AX")
    for position in (1, 2):
        casebook.act(id, Observe(position, read("A")), "eva")
    for act in (Lock(), Observe(1, read("Q"))):
        with pytest.raises(OrderError, match="your second reading is locked"):
            casebook.act(id, act, "max")
    casebook.act(id, Lock(), "eva")
    casebook.keep_proposal(id, proposal([box(0)]))
    for deed in (lambda: casebook.reveal(id, "max"), lambda: casebook.take_second(id, "max")):
        with pytest.raises(OrderError):
            deed()
    assert casebook.examination(id).phase is Phase.LOCKED


def test_two_second_readings_of_one_account_are_one(casebook, plate):
    id = decided(casebook, plate)
    casebook.begin_second(id, "max")
    with pytest.raises(OrderError, match="begun a second reading of this examination already"):
        casebook.begin_second(id, "max")


def test_a_later_unfinished_second_reading_hides_no_locked_one(casebook, plate):
    id = decided(casebook, plate)
    read_alone(casebook, casebook.begin_second(id, "max"), "max", "AX")
    casebook.begin_second(id, "ann")
    assert casebook.standings().waiting(id).reader == "max"
    assert casebook.take_second(id, "eva").second_reader == "max"
    assert casebook.standings().waiting(id) is None


def test_nobody_signs_past_a_second_reading_that_waits(casebook, plate):
    id = decided(casebook, plate)
    second = casebook.begin_second(id, "max")
    on_screen = casebook.seen_state(id)
    read_alone(casebook, second, "max", "AX")
    with pytest.raises(OrderError, match="max has locked a second reading"):
        casebook.sign(id, "eva")
    casebook.take_second(id, "eva", casebook.seen_state(id))
    with pytest.raises(StaleError):
        casebook.sign(id, "eva", seen=on_screen)


def test_an_act_is_refused_where_another_state_stands_than_its_author_saw(casebook, plate):
    id = casebook.begin(Mode.CASEWORK, [plate], "eva", "plate")
    casebook.act(id, DrawLine(Place(0, box(0, 10)), 1), "eva")
    tab = casebook.seen_state(id)
    casebook.act(id, Observe(1, read("8")), "eva", tab)
    for act in (Lock(), Observe(1, read("3"))):
        with pytest.raises(StaleError, match="eva has changed this examination since this window showed it"):
            casebook.act(id, act, "eva", tab)
    assert casebook.examination(id).positions[0].own.reading == "8"
    assert casebook.act(id, Lock(), "eva", casebook.seen_state(id)).phase is Phase.LOCKED


def test_a_look_or_a_fetch_makes_no_state_stale(casebook, plate):
    id = decided(casebook, plate)
    before = casebook.seen_state(id)
    casebook.record_view(id, "eva", "comparison", {})
    casebook.record_fetch(id, "eva", "pictures", plate)
    casebook.record_shown(id, "ann", "proposal")
    assert casebook.seen_state(id) == before
    assert casebook.shown_before(id, "ann").what == "proposal"


def test_what_a_failed_transaction_wrote_is_not_known(casebook, plate):
    id = casebook.begin(Mode.CASEWORK, [plate], "eva", "plate")
    with pytest.raises(RuntimeError), casebook._database.writing():
        casebook.record_shown(id, "eva", "proposal")
        assert casebook.shown_before(id, "eva") is not None
        raise RuntimeError
    assert casebook.shown_before(id, "eva") is None
    casebook.record_shown(id, "ann", "proposal")
    assert casebook.shown_before(id, "ann") is not None


def test_settling_is_for_both_and_nobody_else(casebook, plate):
    id = decided(casebook, plate)
    read_alone(casebook, casebook.begin_second(id, "max"), "max", "AX")
    casebook.take_second(id, "eva")
    with pytest.raises(OrderError, match="belongs to eva"):
        casebook.act(id, Settle(2, read("A")), "ann")
    casebook.act(id, Settle(2, read("A")), "max")
