"""Starts the page: `python app.py`, then open the address it prints."""

import sys

from examiner.page import launch
from pipelines.errors import MarkingError

if __name__ == "__main__":
    try:
        launch()
    except MarkingError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(error.exit_code) from error
