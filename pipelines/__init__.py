"""Image science: photographs in, proposal out. Knows no person, no database, no page.

The names below are the interface for scripts and notebooks, see `docs/python.md`. Each is loaded when it is
first used, so that `import pipelines` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from pipelines.telemetry import switch_telemetry_off

if TYPE_CHECKING:
    from pipelines.enhance.recipe import load_recipe, run_recipe, shipped_recipes
    from pipelines.errors import MarkingError
    from pipelines.fuse.series import fuse_series
    from pipelines.photographs.photo import read_photo, upright_image
    from pipelines.propose import Source, propose_series
    from pipelines.registration.alignments import alignments
    from pipelines.types import Proposal

switch_telemetry_off()

__all__ = [
    "MarkingError",
    "Proposal",
    "Source",
    "alignments",
    "fuse_series",
    "load_recipe",
    "propose_series",
    "read_photo",
    "run_recipe",
    "shipped_recipes",
    "upright_image",
]

_MODULES = {
    "MarkingError": "pipelines.errors",
    "Proposal": "pipelines.types",
    "Source": "pipelines.propose",
    "alignments": "pipelines.registration.alignments",
    "fuse_series": "pipelines.fuse.series",
    "load_recipe": "pipelines.enhance.recipe",
    "propose_series": "pipelines.propose",
    "read_photo": "pipelines.photographs.photo",
    "run_recipe": "pipelines.enhance.recipe",
    "shipped_recipes": "pipelines.enhance.recipe",
    "upright_image": "pipelines.photographs.photo",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'pipelines' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
