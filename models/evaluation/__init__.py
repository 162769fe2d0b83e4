"""Measures our own reader and locator on the training renderer; draws the card's plots."""
