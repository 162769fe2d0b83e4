"""Photographs: files, formats, EXIF, videos, tables beside them, measures that need no reader."""
