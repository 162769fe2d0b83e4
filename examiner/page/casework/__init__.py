"""One examination on the page: its view, cells, steps, permissions."""
