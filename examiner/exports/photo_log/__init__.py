"""Contact sheet and photo log of a case or an examination: every photograph, used or not, as PDF/A."""

from examiner.exports.photo_log.content import PhotoLogError as PhotoLogError
from examiner.exports.photo_log.content import photographs_of_case as photographs_of_case
from examiner.exports.photo_log.content import photographs_of_examination as photographs_of_examination
from examiner.exports.photo_log.pdf import photo_log as photo_log
