"""The queue of the readers, and the shipped samples."""
