"""Trace queries: patterns, spellings, candidates, formats of makers."""
