"""Simulated plates from a second renderer: no code, typeface or texture in common with `models.plates`."""
