"""Starts the page: `python app.py`, then open the address it prints."""

from examiner.page import launch
from pipelines.errors import MarkingError

if __name__ == "__main__":
    try:
        launch()
    except MarkingError as error:
        raise SystemExit(str(error)) from error
