"""The dossier of a validation for a laboratory's quality manual: its values, and the same as PDF/A."""

from examiner.validation.dossier.content import dossier_value as dossier_value
from examiner.validation.dossier.content import passed_rows as passed_rows
from examiner.validation.dossier.pdf import dossier_pdf as dossier_pdf

DOSSIER = ("dossier.pdf", "dossier.json")
"""The names of its files."""
