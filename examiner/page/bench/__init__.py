"""The enhancement bench."""
