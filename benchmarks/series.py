"""How well a series of photographs is registered, and what it is worth to the reader.

    python benchmarks/series.py align [...]     photographs registered, on known homographies
    python benchmarks/series.py fuse [...]      seconds of each fusion
    python benchmarks/series.py read [...]      errors against the number of photographs, and fused pixels

Each part has its own options: `python benchmarks/series.py PART --help`.
"""

from __future__ import annotations

import sys

from benchmarks import series_alignment, series_fusion, series_reading

PARTS = {"align": series_alignment.main, "fuse": series_fusion.main, "read": series_reading.main}


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in PARTS:
        raise SystemExit((__doc__ or "").strip())
    PARTS[sys.argv[1]](sys.argv[2:])


if __name__ == "__main__":
    main()
