"""The report of an examination: one JSON file with all of it, and the same as PDF/A.

`content` says what stands in it, `illustrations` makes its pictures from the originals, `pdf` sets both. The
same record gives the same bytes: times are those of the record, never of the clock.
"""

from examiner.exports.report.content import report_value as report_value
from examiner.exports.report.pdf import ReportError as ReportError
from examiner.exports.report.pdf import report_pdf as report_pdf
