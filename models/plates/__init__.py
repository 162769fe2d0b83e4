"""Simulated plates: characters struck, worn, etched and photographed."""
