"""One examination as pure values: acts, state, order of work. No file and no page."""
