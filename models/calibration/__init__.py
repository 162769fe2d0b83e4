"""Fits the calibration of proposals on plates and photographs with known text."""
