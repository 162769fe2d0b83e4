"""From evidence to calibrated probabilities and candidate sets; figures of merit."""
