"""Image science: photographs in, proposal out. Knows no person, no database, no page."""
