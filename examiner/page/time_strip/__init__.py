"""The time strip, and the folder that a camera saves to."""
