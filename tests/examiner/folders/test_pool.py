"""A pool whose workers may hang and die."""

import multiprocessing
import os
from itertools import count, islice

import pytest

from examiner.folders.pool import TRIES, Ended, in_processes, in_turn, threads_for
from tests.examiner.folders import works


def patient(_asked: object) -> float:
    return 60.0


def test_everything_is_made_once_whatever_the_number_of_workers():
    ended = list(in_processes(works.squared, range(20), 3, patient))
    assert sorted((end.number, end.item, end.outcome) for end in ended) == [(n, n, n * n) for n in range(20)]
    assert not multiprocessing.active_children()


def test_nothing_asked_starts_nothing():
    assert list(in_processes(works.squared, [], 2, patient)) == []


def test_one_that_dies_or_hangs_is_tried_again_then_marked_and_the_others_are_made(tmp_path):
    names = ["first", "dies", "hangs", "dies once", "last"]
    items = [(name, str(tmp_path)) for name in names]
    ended = in_processes(works.stubborn, items, 2, lambda item: 0.5 if item[0] == "hangs" else 60.0)
    outcomes = {end.item[0]: (end.outcome, end.lost) for end in ended}
    assert outcomes == {
        "first": ("first: made", None),
        "dies": (None, "died"),
        "hangs": (None, "hung"),
        "dies once": ("dies once: made", None),
        "last": ("last: made", None),
    }
    assert [works.tries(tmp_path, name) for name in names] == [1, TRIES, TRIES, 2, 1]
    assert not multiprocessing.active_children()


def test_tasks_are_drawn_as_workers_get_free_and_closing_ends_the_processes():
    drawn = []

    def endless():
        for number in count():
            drawn.append(number)
            yield number

    ended = in_processes(works.squared, endless(), 2, patient)
    assert len(list(islice(ended, 5))) == 5
    assert len(drawn) <= 5 + 2 * 2 + 1
    ended.close()
    assert not multiprocessing.active_children()


def test_workers_share_the_cores_and_do_not_fight():
    outcomes = [end.outcome for end in in_processes(works.settings, range(2), 2, patient)]
    threads = str(threads_for(2))
    assert [
        (settings["opencv"], settings["EXAMINER_THREADS"], settings["OMP_THREAD_LIMIT"])
        for settings in outcomes
    ] == [(threads, threads, threads)] * 2
    assert threads_for(1) == os.cpu_count() and threads_for(10_000) == 1


@pytest.mark.parametrize("order", [[2, 0, 1], [0, 1, 2], [2, 1, 0]])
def test_in_turn_is_in_the_order_asked_for(order):
    assert [end.number for end in in_turn(Ended(n, n, n) for n in order)] == [0, 1, 2]
