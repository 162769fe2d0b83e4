"""Rows struck round a circle: found and unrolled."""
