"""The panel that files examinations under cases."""
