"""The environment variables: one list of names, which the documentation explains and nothing goes past."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines import environment
from pipelines.errors import VariableError

ROOT = Path(__file__).parents[2]


def test_the_documentation_explains_each_variable_and_no_other():
    rows = re.findall(r"^\| `(EXAMINER_\w+)` \|", (ROOT / "docs/command-line.md").read_text("utf-8"), re.M)
    assert sorted(rows) == sorted(environment.VARIABLES)


def test_no_module_names_a_variable_itself():
    named = [
        path
        for package in ("examiner", "pipelines", "models")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"""["']EXAMINER_""", path.read_text("utf-8"))
    ]
    assert named == [ROOT / "pipelines/environment.py"]


def test_an_empty_variable_names_no_path(monkeypatch):
    monkeypatch.delenv(environment.RECIPES, raising=False)
    assert environment.path_in(environment.RECIPES) is None
    monkeypatch.setenv(environment.RECIPES, "")
    assert environment.path_in(environment.RECIPES) is None
    monkeypatch.setenv(environment.RECIPES, "some/where")
    assert environment.path_in(environment.RECIPES) == Path("some/where")


@pytest.mark.parametrize(("value", "threads"), [(None, 0), ("", 0), ("3", 3)])
def test_threads_of_a_network(monkeypatch, value, threads):
    monkeypatch.delenv(environment.THREADS, raising=False)
    if value is not None:
        monkeypatch.setenv(environment.THREADS, value)
    assert environment.network_threads() == threads


@pytest.mark.parametrize("value", ["abc", "-1", "1.5", "٣", "100000"])
def test_a_number_of_threads_that_is_none_is_named(monkeypatch, value):
    monkeypatch.setenv(environment.THREADS, value)
    with pytest.raises(VariableError, match=r"EXAMINER_THREADS: expected a whole number .* got"):
        environment.network_threads()
