"""Photographs of one marking fused into pictures for the eye: `FUSIONS` by name.

Classical, deterministic and documented, as the steps of `pipelines.enhance` are: the same photographs and
parameters give the same picture, in whatever order they come and however many threads work.
"""

# In the order in which they are offered.
# isort: off
from pipelines.fuse import over_series, blending, differences, components, relief

# isort: on
from pipelines.fuse.fusion import FUSIONS

__all__ = ["FUSIONS", "blending", "components", "differences", "over_series", "relief"]
