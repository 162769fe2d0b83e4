"""The libraries' reports to their makers, switched off before a library is loaded.

`pipelines/__init__.py` does it first of all, so every process that loads a network has it done: the command,
its workers, those of a Dask cluster, the page, training and a notebook. The switches are assigned and not
only preset: nothing that the environment says turns a report on again. docs/privacy.md lists what was looked
at and what the tests watch.
"""

from __future__ import annotations

import os
import sys
import warnings

SWITCHES = {
    # ONNX Runtime since 1.32: its native code looks up and calls a host of its maker, and keeps a device id
    # and a database of events in the user's cache folder. Read once, as the library is loaded.
    "ORT_DISABLE_TELEMETRY": "1",
    # Gradio asks its maker for the newest version and sends what is built and launched.
    "GRADIO_ANALYTICS_ENABLED": "False",
    # huggingface_hub comes with Gradio; it names the user's system in what it sends.
    "HF_HUB_DISABLE_TELEMETRY": "1",
}
"""Environment variables by which the libraries take it, with the value that means no."""


def switch_telemetry_off() -> None:
    """Sets SWITCHES in the environment of this process, which those that it starts inherit.

    Too late for ONNX Runtime where the process loaded it before; then what can still be stopped is stopped,
    and a RuntimeWarning says so.
    """
    os.environ.update(SWITCHES)
    loaded = sys.modules.get("onnxruntime")
    if loaded is not None:
        loaded.disable_telemetry_events()
        warnings.warn(
            "onnxruntime was imported before pipelines and may have reported to its maker already; "
            "import pipelines first",
            RuntimeWarning,
            stacklevel=3,
        )
