"""Starts the page: `python app.py`, then open the address it prints. Takes the options of `examiner page`."""

import sys

from examiner.cli import main

if __name__ == "__main__":
    main(["page", *sys.argv[1:]])
