"""How networks are run: ONNX Runtime on the processor, nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import onnxruntime

THREADS_VARIABLE = "EXAMINER_THREADS"
"""Environment variable: threads for one network run; batch workers set it to 1."""


def inference_session(weights: Path) -> onnxruntime.InferenceSession:
    """A session on the CPU. Results do not depend on the number of threads (a test holds it)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get(THREADS_VARIABLE, "0"))
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Waiting threads that spin make several processes on few cores many times slower.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
