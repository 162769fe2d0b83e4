"""One class per cause. `kind` goes into JSON, `exit_code` to the shell, the message to the person.

Messages say what is wrong, where, what was expected and got, and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends, for the shell."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    LEFT_OUT = 3
    READER = 4
    RECORD = 5
    PAGE = 6
    INTERRUPTED = 130


MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.DONE: "everything was done",
    ExitCode.FAILED: "the command could not do its work, or `examiner verify` found something wrong",
    ExitCode.USAGE: "wrong usage: an option, a table, a recipe or a value cannot be used",
    ExitCode.LEFT_OUT: "something could not be read or made, and is named; the rest was done",
    ExitCode.READER: "a reader is missing or failed",
    ExitCode.RECORD: "a casebook cannot be used, or is not what was recorded",
    ExitCode.PAGE: "the page cannot be opened",
    ExitCode.INTERRUPTED: "Ctrl-C or SIGTERM",
}
"""What each exit code says; docs/command-line.md holds the same table."""


class MarkingError(Exception):
    """Base of every error that a user can cause or mend."""

    kind = "error"
    exit_code: ExitCode = ExitCode.FAILED


class VariableError(MarkingError):
    """An environment variable with a value that cannot be used."""

    kind = "variable"
    exit_code = ExitCode.USAGE


class PhotoError(MarkingError):
    """A file that cannot be used as a photograph; never stops the others."""

    kind = "photo"
    exit_code = ExitCode.LEFT_OUT


class PhotoMissingError(PhotoError):
    kind = "missing"


class PhotoPermissionError(PhotoError):
    kind = "permission"


class PhotoEmptyError(PhotoError):
    kind = "empty"


class PhotoTruncatedError(PhotoError):
    kind = "truncated"


class PhotoDamagedError(PhotoError):
    """Part of the picture is lost or wrong, though something can still be decoded; looked at, not read."""

    kind = "damaged"


class PhotoTooLargeError(PhotoError):
    kind = "too_large"


class PhotoFormatError(PhotoError):
    """Not an image or video at all, or a format that is not read."""

    kind = "not_a_photograph"


class PhotoRenamedError(PhotoError):
    """The content is an image, but of another format than the file name says."""

    kind = "renamed"


class RegionError(MarkingError):
    """A region outside the photograph, without area, or a regions.csv that cannot be understood."""

    kind = "region"
    exit_code = ExitCode.USAGE


class AlignmentError(MarkingError):
    """Points set by hand that register no photograph, or an alignment.csv that cannot be
    understood."""

    kind = "alignment"
    exit_code = ExitCode.USAGE


class TypefaceError(MarkingError):
    """A font file that cannot be read, or a glyph that a typeface does not have."""

    kind = "typeface"
    exit_code = ExitCode.USAGE


class RecipeError(MarkingError):
    """An unknown step, an unknown parameter or a value out of range in a recipe."""

    kind = "recipe"
    exit_code = ExitCode.USAGE


class MeasuringError(MarkingError):
    """A ruler without length, an angle without legs, or a distance asked for without a scale."""

    kind = "measuring"
    exit_code = ExitCode.USAGE


class ReaderError(MarkingError):
    """A reader that is missing, failed or timed out; named in the proposal, never silently left out."""

    kind = "reader"
    exit_code = ExitCode.READER


class TruthError(MarkingError):
    """A table of truths, or of what was validated, that is missing or cannot be understood."""

    kind = "truth"
    exit_code = ExitCode.USAGE


class FusionError(MarkingError):
    """Photographs that cannot be fused in the way asked for; the classes below name the common causes."""

    kind = "fusion"
    exit_code = ExitCode.USAGE


class TooFewPhotographsError(FusionError):
    """Fewer photographs, or fewer with a known light, than the fusion needs."""

    kind = "too_few_photographs"


class FusionSizeError(FusionError):
    """A homography that takes a photograph nowhere sensible, or more pixels than are fused at once."""

    kind = "fusion_size"


class NoOverlapError(FusionError):
    """No pixel of the reference is shown by as many photographs as the fusion needs."""

    kind = "no_overlap"


class LightsError(FusionError):
    """Light directions that are missing, in one plane or no directions, or a lights.csv that cannot be
    understood."""

    kind = "lights"


class WorkerError(MarkingError):
    """Processes or a cluster that cannot be worked with at all."""

    kind = "workers"
    exit_code = ExitCode.FAILED


class ResultsError(MarkingError):
    """A file of results that cannot be written, continued or understood."""

    kind = "results"
    exit_code = ExitCode.USAGE
