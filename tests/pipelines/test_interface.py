"""The names of `pipelines` for scripts and notebooks, and the examples of `docs/python.md`."""

import doctest
import subprocess
import sys
from pathlib import Path

import pytest

import pipelines

PAGE = Path(__file__).parents[2] / "docs" / "python.md"


def test_the_examples_of_the_page_say_what_they_say():
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert tried > 20 and failed == 0


def test_every_name_is_there_and_documented():
    assert set(pipelines.__all__) <= set(dir(pipelines))
    page = PAGE.read_text("utf-8")
    for name in pipelines.__all__:
        thing = getattr(pipelines, name)
        assert thing.__name__ == name and thing.__doc__
        assert f"`{name}" in page
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = pipelines.nonsense


def test_the_names_for_the_type_checker_are_those_that_are_loaded():
    source = Path(pipelines.__file__).read_text("utf-8")
    checked = source.split("if TYPE_CHECKING:")[1].split("\nswitch_telemetry_off")[0]
    pairs = {
        (name.strip(), line.split()[1])
        for line in checked.strip().splitlines()
        for name in line.split(" import ")[1].split(",")
    }
    assert pairs == set(pipelines._MODULES.items())


def test_importing_the_package_loads_nothing_heavy():
    heavy = "{'cv2', 'numpy', 'onnxruntime', 'rapidocr', 'gradio', 'torch', 'scipy', 'skimage'}"
    code = f"import pipelines, sys; print(sorted(set(sys.modules) & {heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert done.stdout.strip() == "[]", done.stderr
