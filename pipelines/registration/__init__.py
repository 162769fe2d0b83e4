"""Registration: photographs of a series in one frame of reference."""
