"""Proposals as files for other programs: PAGE XML, ALTO, COCO and Label Studio."""
