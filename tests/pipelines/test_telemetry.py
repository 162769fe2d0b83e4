"""Switches for reports, as processes see them that had others in their environment."""

import json
import os
import subprocess
import sys

import pytest

from pipelines.telemetry import SWITCHES

HOSTILE = {"ORT_DISABLE_TELEMETRY": "0", "GRADIO_ANALYTICS_ENABLED": "True", "HF_HUB_DISABLE_TELEMETRY": "0"}


def said_by(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **HOSTILE},
        capture_output=True,
        text=True,
        check=True,
    )


LOADED_FIRST = [
    "pipelines",
    "pipelines.networks",
    "examiner.folders.pool",
    "models.calibration.fit_calibration",
]
"""What a process may begin with: a notebook, a script, a worker, the measuring of a model."""


@pytest.mark.parametrize("module", LOADED_FIRST)
def test_importing_assigns_every_switch_whatever_the_environment_says(module):
    assert set(HOSTILE) == set(SWITCHES)
    done = said_by(f"import json, os, {module}; print(json.dumps(dict(os.environ)))")
    environment = json.loads(done.stdout)
    assert {name: environment[name] for name in SWITCHES} == SWITCHES


def test_who_loaded_the_library_before_is_told():
    """A stand-in for the library: the real one would report while it is loaded."""
    code = (
        "import sys, types\n"
        "library = types.ModuleType('onnxruntime')\n"
        "library.disable_telemetry_events = lambda: print('stopped')\n"
        "sys.modules['onnxruntime'] = library\n"
        "import pipelines"
    )
    done = said_by(code)
    assert done.stdout == "stopped\n"
    assert "RuntimeWarning: onnxruntime was imported before pipelines" in done.stderr
