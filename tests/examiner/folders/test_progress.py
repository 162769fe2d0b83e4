"""What is said of how far a run is."""

from examiner.folders.progress import Tally, rate_words, summary


def test_rate_failures_and_what_was_known():
    tally = Tally().after(4, False).after(2, True).after_known()
    assert (tally.series, tally.photographs, tally.failed, tally.known) == (3, 6, 1, 1)
    assert rate_words(tally, 60) == "6.0 a minute, 1 failed, 1 known"
    assert rate_words(tally, 2) == "3.0 photographs a second, 1 failed, 1 known"


def test_nothing_is_said_of_nothing():
    assert rate_words(Tally(), 0) == ""
    assert summary(Tally(), 0, 0) == "0 series, 0 photographs read in 0 s"


def test_a_run_that_was_stopped_says_how_far_it_came():
    assert summary(Tally().after(3, False), 9, 30).startswith("1 of 9 series, 3 photographs read in 30 s")
