"""Patience counts what a worker computes and the time in which it does nothing, never the wall clock."""

import subprocess
import sys
import time

import psutil
import pytest

from examiner.folders.patience import WorkClock, counted_s


@pytest.mark.parametrize(
    ("computed_s", "passed_s", "threads", "waits", "counts"),
    [
        (2.0, 2.0, 1, False, 2.0),  # A machine of its own.
        (0.2, 2.0, 1, False, 0.2),  # A tenth of a core.
        (0.0, 2.0, 1, True, 0.0),  # Nothing of a core yet.
        (0.0, 2.0, 1, False, 2.0),  # Waits for something else.
        (0.01, 2.0, 1, False, 2.0),  # A thread that only looks now and then.
        (8.0, 2.0, 4, True, 2.0),  # Four threads.
    ],
)
def test_what_counts(computed_s, passed_s, threads, waits, counts):
    assert counted_s(computed_s, passed_s, threads, waits) == pytest.approx(counts)


def test_a_worker_that_gets_little_of_the_processor_spends_little_patience():
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        began, cpu = time.monotonic(), psutil.Process(busy.pid).cpu_times()
        clock = WorkClock(busy.pid, 1)
        while (now := psutil.Process(busy.pid).cpu_times()).user - cpu.user < 1.0:
            clock.now_s()
        computed = now.user + now.system - cpu.user - cpu.system
        assert computed - 0.5 <= clock.spent_s <= min(computed + 0.1, time.monotonic() - began)
    finally:
        busy.kill()
        busy.wait()


def test_a_worker_that_waits_for_what_never_comes_spends_the_time_that_passes():
    asleep = subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); import time; time.sleep(600)"], stdout=-1
    )
    try:
        assert asleep.stdout is not None
        asleep.stdout.readline()
        while psutil.Process(asleep.pid).status() == psutil.STATUS_RUNNING:
            pass
        began = time.monotonic()
        clock = WorkClock(asleep.pid, 1)
        while clock.now_s() < 0.5:
            pass
        assert time.monotonic() - began >= 0.5
    finally:
        asleep.kill()
        asleep.wait()


def test_a_child_that_computes_counts_for_its_parent():
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'], timeout=600)"
    parent = subprocess.Popen([sys.executable, "-c", code])
    try:
        while not psutil.Process(parent.pid).children():
            pass
        (child,) = psutil.Process(parent.pid).children()
        while child.cpu_times().user < 0.3:
            pass
        clock = WorkClock(parent.pid, 1)
        before = child.cpu_times().user
        while child.cpu_times().user < before + 0.6:
            clock.now_s()
        assert clock.spent_s >= 0.2
    finally:
        for member in (*psutil.Process(parent.pid).children(), parent):
            member.kill()
        parent.wait()
