"""A character beside its like: registered crops and drawn typefaces."""
