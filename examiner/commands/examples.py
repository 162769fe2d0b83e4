"""Examples for the help page of each command. A test holds each of them to the options that there are."""

from __future__ import annotations

from collections.abc import Mapping

LINES: Mapping[str, tuple[str, ...]] = {
    "": (
        "examiner page",
        "examiner read photographs/case_7",
        "examiner read archive --each-photo --out results.sqlite --overview overview",
    ),
    "read": (
        "examiner read IMG_0001.jpg IMG_0002.jpg",
        "examiner read case_7 --region 120,80,900,260 --rotate 180",
        "examiner read archive --out results.csv --overview overview --workers 4",
        "examiner read archive --out results.csv --resume",
        "examiner read archive --shard 3/50 --out part3.sqlite",
    ),
    "merge": ("examiner merge part1.sqlite part2.sqlite part3.sqlite --out results.sqlite",),
    "convert": (
        "examiner convert results.sqlite --page-xml page --alto alto",
        "examiner convert results.jsonl --coco coco.json --label-studio tasks.json",
    ),
    "import": ("examiner import results.csv --casebook casebook --series archive/case_7",),
    "enhance": (
        "examiner enhance case_7 --recipe fine_relief --out enhanced",
        "examiner enhance IMG_0001.jpg IMG_0002.jpg --recipe own.toml --character 120",
    ),
    "fuse": (
        "examiner fuse case_7 --out fused",
        "examiner fuse IMG_0001.jpg IMG_0002.jpg IMG_0003.jpg --how median,focus --reference IMG_0002.jpg",
    ),
    "verify": (
        "examiner verify casebook --keys keys.json",
        "examiner verify handover.zip",
    ),
    "export": (
        "examiner export casebook --out /backup/casebook_of_today",
        "examiner export casebook --examination 3f2a --out handover.zip",
    ),
    "trace": (
        "examiner trace casebook 3f2a",
        "examiner trace casebook 3f2a --json --out trace.json",
        "examiner trace casebook 3f2a --package trace.zip",
    ),
    "report": (
        "examiner report casebook 3f2a --out report.pdf",
        "examiner report casebook 3f2a --out report.pdf --out report.json --paper letter",
    ),
    "photolog": (
        "examiner photolog casebook --case 2026/17 --out photographs.pdf",
        "examiner photolog casebook --examination 3f2a --out photographs.pdf",
    ),
    "validate": (
        "examiner validate plates --truth truth.csv",
        "examiner validate plates --truth truth.csv --plan plan.toml --out validation",
    ),
    "blind": (
        "examiner blind plates --truth truth.csv --round May --out sheet.pdf --answers sealed/answers.json",
    ),
    "watch": (
        "examiner watch camera",
        "examiner watch camera --read --readers marks",
    ),
    "page": (
        "examiner page",
        "examiner page --casebook casebook --port 8000 --live camera",
    ),
    "stamp": (
        "examiner stamp request casebook --archive /backup/heads",
        "examiner stamp take answer.tsr --archive /backup/heads",
    ),
    "stamp request": ("examiner stamp request casebook --archive /backup/heads",),
    "stamp take": ("examiner stamp take answer.tsr --archive /backup/heads",),
    "stamp list": ("examiner stamp list --archive /backup/heads",),
    "people": (
        "examiner people add eva --role examiner --role reviewer",
        "examiner people list",
    ),
    "people add": ("examiner people add eva --full-name 'Eva Novak' --role examiner",),
    "people list": ("examiner people list",),
    "people password": ("examiner people password eva",),
    "people reset": ("examiner people reset eva",),
    "people close": (
        "examiner people close eva",
        "examiner people close eva --reopen",
    ),
    "people keys": ("examiner people keys > keys.json",),
    "course": (
        "examiner course make --out course.json --title 'Class of May'",
        "examiner course mark results/eva.json results/ivan.json",
    ),
    "course make": ("examiner course make --out test.json --count 12 --proficiency",),
    "course mark": ("examiner course mark results/eva.json results/ivan.json --out class.csv",),
    "train": (
        "examiner train",
        "examiner train --course course.json --language ru",
    ),
    "completion": (
        "examiner completion bash > ~/.local/share/bash-completion/completions/examiner",
        "examiner completion zsh > ~/.zfunc/_examiner",
        "examiner completion fish > ~/.config/fish/completions/examiner.fish",
    ),
}
"""The lines by command; "" is the program itself."""

EXAMPLES: Mapping[str, str] = {
    command: "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines) for command, lines in LINES.items()
}
"""For each command, the end of its help page. \\b keeps the lines as they are."""
