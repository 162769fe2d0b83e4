"""The sample series that come with the product: simulated plates, opened in training mode."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pipelines.photographs.photo import natural_order

TITLE = "Sample: "


@dataclass(frozen=True)
class Sample:
    """One series of photographs of a simulated plate."""

    name: str
    photos: tuple[Path, ...]

    @property
    def title(self) -> str:
        """How its examinations are titled in the casebook."""
        return f"{TITLE}{self.words} (simulated)"

    @property
    def words(self) -> str:
        """How it is listed."""
        return self.name.replace("_", " ").lstrip("0123456789 ").capitalize() or self.name


def sample_series() -> dict[str, Sample]:
    """The samples by name, in natural order; empty where they are not installed."""
    try:
        roots = [Path(str(entry)) for entry in files("sample_images").iterdir()]
    except ModuleNotFoundError:
        return {}
    found = (Sample(root.name, _frames(root)) for root in roots if root.is_dir())
    return {
        sample.name: sample for sample in sorted(found, key=lambda s: natural_order(s.name)) if sample.photos
    }


def _frames(folder: Path) -> tuple[Path, ...]:
    frames = [path for path in folder.iterdir() if path.name.startswith("frame_") and path.suffix == ".jpg"]
    return tuple(sorted(frames, key=lambda path: natural_order(path.name)))
