"""A laboratory's own validation: proposals measured on plates with known text."""
