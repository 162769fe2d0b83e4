"""The dossier of a validation: verdicts by the limits of a plan, the same bytes for the same plates."""

import json
import shutil
import tomllib
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import binom
from typer.testing import CliRunner

from examiner.cli import application
from examiner.validation import measure
from examiner.validation.dossier import content, dossier_pdf, dossier_value, passed_rows
from examiner.validation.dossier.content import bins, confusion
from examiner.validation.dossier.verdict import Verdict, judgements, repeated, share
from examiner.validation.measure import Outcome, TruthRow, outcomes, validated_rows
from examiner.validation.plan import LEAST_PLATES, Limit, Plan, PlanError, StatedPlan, read_plan
from examiner.validation.report import report_of
from examiner.validation.table import read_table
from pipelines.probability.judging import judge
from pipelines.types import Candidate, LineProposal, PhotoEntry, Position, Proposal, as_quad

BOX = as_quad([(0, 0), (1, 0), (1, 1), (0, 1)])
TODAY = date(2026, 1, 2)
HOSTILE = '#panic("x") $x$ *b* \\ #include "/etc/passwd" 五'

PLAN = """
title = "Struck numbers"
reference = "VP-1"
stated = 2026-01-02
stated_by = "Eva"
least_blanks = 1

[[limit]]
figure = "cer"
at_most = 0.2

[[limit]]
figure = "coverage"
at_least = 0.8
"""


def said(text: str, p: float = 0.9) -> tuple[LineProposal, ...]:
    positions = tuple(Position((Candidate(c, p),), BOX, "proposed", (), (c,)) for c in text)
    return (LineProposal(text, text, 0, BOX, positions),) if text else ()


def plate(number: int, text: str, read: str, method: str = "stamped", **columns: str) -> Outcome:
    name = f"{method}-{number}"
    photo = PhotoEntry(f"/somewhere/{name}/a.jpg", sha256(name.encode()).hexdigest())
    proposal = Proposal(f"/somewhere/{name}", (photo,), said(read), {"marks": "ok"}, 0.5)
    row = TruthRow(name, text, {"method": method, **columns})
    return Outcome(row, proposal, judge(proposal.lines, text))


def plates(count: int, wrong: int = 0, method: str = "stamped") -> list[Outcome]:
    """So many marked plates, the first `wrong` of them read wrongly throughout, and one blank one."""
    marked = [plate(n, "4827", "1111" if n < wrong else "4827", method) for n in range(count)]
    return [*marked, plate(count, "", "", method)]


def plan(*limits: Limit, **more: Any) -> Plan:
    return Plan(
        "Struck numbers", "VP-1", date(2026, 1, 2), "Eva", limits or (Limit("cer", at_most=0.2),), **more
    )


@pytest.fixture(autouse=True)
def few_rounds(monkeypatch):
    """Plates are drawn again fewer times than in use: quicker, and no test here is about the number."""
    for module in (measure, content):
        monkeypatch.setattr(module, "ROUNDS", 40)


@pytest.fixture
def truth(tmp_path) -> Path:
    path = tmp_path / "truth.csv"
    path.write_text("series,text\na,1\n", "utf-8")
    return path


def values(truth: Path, every: list[Outcome], stated: Plan) -> dict:
    return dossier_value(report_of(truth, every, []), StatedPlan(stated, "plan.toml", "0" * 64))


def verdicts(value: dict) -> dict[str, str]:
    return {judgement["method"]: judgement["verdict"] for judgement in value["judgements"]}


# Verdicts ---------------------------------------------------------------------------------------------------


def test_fewer_plates_than_the_minimum_are_no_validation_however_well_they_were_read(truth):
    value = values(truth, plates(LEAST_PLATES - 1), plan())
    assert value["verdict"] == Verdict.NONE
    assert value["judgements"][0]["lacking"] == [
        f"{LEAST_PLATES - 1} marked plates, at least {LEAST_PLATES} are needed"
    ]
    assert passed_rows(value, report_of(truth, plates(LEAST_PLATES - 1), []).rows) == []


def test_a_blank_plate_is_no_marked_one(truth):
    blanks = [plate(n, "", "") for n in range(100, 100 + LEAST_PLATES)]
    assert values(truth, [*plates(3), *blanks], plan())["verdict"] == Verdict.NONE


def test_limits_that_are_kept_pass_and_one_that_is_not_fails(truth):
    assert values(truth, plates(30), plan())["verdict"] == Verdict.PASSED
    assert values(truth, plates(30, wrong=15), plan())["verdict"] == Verdict.FAILED


def test_the_unfavourable_end_of_the_interval_decides_unless_the_plan_says_the_estimate(truth):
    every = plates(30, wrong=5)  # 5 of 30 plates: 0.167, with an upper end above 0.2
    assert values(truth, every, plan(Limit("cer", at_most=0.2)))["verdict"] == Verdict.FAILED
    assert values(truth, every, plan(Limit("cer", at_most=0.2, by="estimate")))["verdict"] == Verdict.PASSED


def test_no_error_on_few_plates_is_not_taken_for_no_error_at_all(truth):
    (judged,) = judgements(plan(), plates(20), validated_rows(plates(20), TODAY))
    assert judged.figures["cer"].value == 0
    assert judged.figures["cer"].high == pytest.approx(1 - 0.025 ** (1 / 20))
    assert values(truth, plates(20), plan(Limit("cer", at_most=0.1)))["verdict"] == Verdict.FAILED


def test_a_figure_that_was_not_measured_keeps_no_limit(truth):
    every = plates(30)[:-1]
    value = values(truth, every, plan(Limit("false_alarms", at_most=1.0)))
    assert value["judgements"][0]["limits"][0]["measured"] == [None, None, None]
    assert value["verdict"] == Verdict.FAILED


def test_each_method_is_judged_by_itself_and_only_what_passed_enters_the_table(truth):
    every = [*plates(30), *plates(30, wrong=20, method="engraved")]
    value = values(truth, every, plan())
    assert verdicts(value) == {
        "stamped": "passed",
        "engraved": "failed",
    }
    assert value["verdict"] == Verdict.FAILED
    assert [row.method for row in passed_rows(value, report_of(truth, every, []).rows)] == ["stamped"]


def test_a_method_that_the_plan_names_and_nobody_measured_is_named(truth):
    value = values(
        truth, plates(30), plan(Limit("cer", at_most=0.2), Limit("cer", at_most=0.2, method="Laser"))
    )
    assert verdicts(value) == {
        "stamped": "passed",
        "laser": "no validation",
    }
    assert value["verdict"] == Verdict.FAILED


def test_series_that_could_not_be_read_do_not_make_the_figures_better(truth):
    lost = Outcome(TruthRow("lost", "9", {"method": "Stamped "}), None, None, "lost: no such folder")
    assert values(truth, [*plates(30), lost], plan())["verdict"] == Verdict.FAILED
    value = values(truth, [*plates(30), lost], plan(most_left_out=1))
    assert (value["verdict"], value["judgements"][0]["left_out"]) == (Verdict.PASSED, ["lost"])


def test_one_plate_given_as_several_series_is_found_out():
    named = [plate(n, "1", "1", plate="P7") for n in (1, 2)]
    assert repeated(named) == ["plate P7 is 2 series; put its photographs into one folder"]
    first, second = plate(1, "1", "1"), plate(2, "1", "1")
    copied = replace(second, proposal=replace(second.proposal, photos=first.proposal.photos))
    assert repeated([first, copied]) == ["the same photograph is in stamped-1 and stamped-2"]
    again = replace(plates(1)[0], row=TruthRow("x", "1", {"method": "stamped"}))
    every = [*plates(30), again]
    assert judgements(plan(), every, validated_rows(every, TODAY))[0].verdict == Verdict.NONE


@pytest.mark.parametrize(("right", "of"), [(0, 20), (3, 17), (20, 20)])
def test_shares_of_plates_have_the_exact_interval(right, of):
    figure = share(right, of)
    if right:
        assert binom.sf(right - 1, of, figure.low) == pytest.approx(0.025)
    else:
        assert figure.low == 0
    if right < of:
        assert binom.cdf(right, of, figure.high) == pytest.approx(0.025)
    else:
        assert figure.high == 1


# Plots ------------------------------------------------------------------------------------------------------


def test_bins_say_what_was_claimed_and_what_was_right():
    sure = [judge(said("48", 0.9), "48"), judge(said("41", 0.9), "48")]
    unsure = [judge(said("1111", 0.3), "4444")]
    low, high = bins([*sure, *unsure], 2)
    assert (low["p"], low["right"], low["count"]) == (0.3, 0.0, 4)
    assert (high["p"], high["right"], high["count"]) == (0.9, 0.75, 4)
    assert high["low"] <= 0.75 <= high["high"]
    assert bins([]) == []


def test_what_has_no_position_was_taken_for_nothing():
    counted = confusion([judge(said("43"), "48"), judge(said("4"), "48"), judge(said("7"), "")])
    assert counted["counts"] == [["", "7", 1], ["4", "4", 2], ["8", "", 1], ["8", "3", 1]]
    assert counted["struck"] == ["4", "8", ""] and counted["read"] == ["3", "4", "7", ""]


# Plans ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("stated = 2026-01-02", "stated = 2026-01-03"), "after today"),
        (("least_blanks = 1", "least_plates = 4"), f"fewer than {LEAST_PLATES} validate nothing"),
        (('figure = "cer"', 'figure = "luck"'), "no figure 'luck'"),
        (("at_most = 0.2", "at_least = 0.2"), "is given by at_most"),
        (("at_most = 0.2", ""), "either at_most or at_least"),
        (("at_most = 0.2", "at_most = nan"), "a number from 0"),
        (('reference = "VP-1"', 'references = "VP-1"'), "references|reference"),
        (("[[limit]]", "[[limits]]"), "limit"),
        (('stated_by = "Eva"', "stated_by = 3"), "str"),
        (("title =", "title"), "no plan of a validation"),
    ],
)
def test_a_plan_that_cannot_be_used_says_why(tmp_path, change, message):
    path = tmp_path / "plan.toml"
    path.write_text(PLAN.replace(*change), "utf-8")
    with pytest.raises(PlanError, match=message):
        read_plan(path, date(2026, 1, 2))
    assert read_plan_of(tmp_path, PLAN).plan.limit[0] == Limit("cer", at_most=0.2)


def read_plan_of(folder: Path, text: str) -> StatedPlan:
    path = folder / "good.toml"
    path.write_text(text, "utf-8")
    return read_plan(path, date(2026, 1, 2))


# The PDF ----------------------------------------------------------------------------------------------------


def test_the_same_plates_elsewhere_on_another_day_give_the_same_pdf(tmp_path):
    made: list[tuple[dict[str, Any], bytes]] = []
    for place, moved in (("here", ""), ("there", "/far")):
        (tmp_path / place).mkdir()
        table = tmp_path / place / "truth.csv"
        table.write_text("series,text\n", "utf-8")
        every = plates(24, wrong=2)
        if moved:
            every = [
                replace(
                    o,
                    proposal=replace(
                        o.proposal,
                        seconds=9.0,
                        photos=(replace(o.proposal.photos[0], path=moved + o.proposal.photos[0].path),),
                    ),
                )
                for o in every
            ]
        report = replace(
            report_of(table, every, [f"{table}, row 3: names no series"]), made=date(2026, 1, len(made) + 1)
        )
        value = dossier_value(report, StatedPlan(plan(), "plan.toml", "0" * 64))
        made.append((value, dossier_pdf(value)))
    assert made[0][0] == made[1][0]
    assert made[0][1] == made[1][1]
    assert made[0][1].startswith(b"%PDF-1.7") and b"pdfaid:part" in made[0][1]


def test_hostile_text_is_text(truth):
    lost = Outcome(TruthRow(HOSTILE, HOSTILE, {"method": HOSTILE}), None, None, HOSTILE)
    value = values(truth, [*plates(3), lost], plan(purpose=(HOSTILE,), operators=(HOSTILE,)))
    assert dossier_pdf(value).startswith(b"%PDF")


def test_the_command_makes_the_dossier_and_the_table_only_of_what_passed(tmp_path, monkeypatch):
    folder = tmp_path / "plates"
    sample = next(Path("sample_images").rglob("*.jpg"))
    rows = ["series,text,method"]
    for number in range(LEAST_PLATES + 1):
        (folder / f"{number}").mkdir(parents=True)
        shutil.copy(sample, folder / f"{number}" / "a.jpg")
        rows.append(f"{number},{'4827' if number else ''},stamped")
    (tmp_path / "truth.csv").write_text("\n".join(rows), "utf-8")
    (tmp_path / "plan.toml").write_text(PLAN, "utf-8")
    answers = {"right": "4827", "wrong": "1111"}
    answer = "right"

    def read(series, _options, _workers):
        for one in series:
            name = Path(one.name).name
            photos = (PhotoEntry(f"{one.name}/a.jpg", name * 8),)
            yield Proposal(
                one.name, photos, said("" if name == "0" else answers[answer]), {"marks": "ok"}, 0.1
            )

    def told(folder, rows, readers, workers):
        return outcomes(folder, rows, readers, workers, read)

    monkeypatch.setattr(measure, "outcomes", told)

    def run(*more: str):
        arguments = ["validate", folder, "--truth", tmp_path / "truth.csv", "--plan", tmp_path / "plan.toml"]
        return CliRunner().invoke(application, [*map(str, arguments), *more])

    assert run().exit_code == 2, "a plan without a folder for the dossier"
    out = tmp_path / "out"
    done = run("--out", str(out))
    assert done.exit_code == 0, done.stderr
    assert [row.method for row in read_table(out / "validated_for.toml")] == ["stamped"]
    first = (out / "dossier.pdf").read_bytes()
    assert json.loads((out / "dossier.json").read_text("utf-8"))["verdict"] == "passed"
    assert run("--out", str(out)).exit_code == 2, "a dossier is not replaced unasked"
    assert run("--out", str(out), "--force").exit_code == 0
    assert (out / "dossier.pdf").read_bytes() == first
    answer = "wrong"
    failed = run("--out", str(tmp_path / "failed"))
    assert failed.exit_code == 1
    assert not (tmp_path / "failed" / "validated_for.toml").exists()
    before = (out / "validated_for.toml").read_bytes()
    late = run("--out", str(out), "--force")
    assert late.exit_code == 1 and "still holds an earlier validation of stamped" in late.stderr
    assert (out / "validated_for.toml").read_bytes() == before
    assert tomllib.loads(before.decode())["validated"][0]["series"] == LEAST_PLATES + 1
