"""Locators: programs that find rows in a photograph."""
