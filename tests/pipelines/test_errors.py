"""Exit codes: one table, which every error and every command takes its own from."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from pipelines.errors import MEANINGS, ExitCode

ROOT = Path(__file__).parents[2]
SOURCES = [path for package in ("examiner", "pipelines") for path in sorted((ROOT / package).rglob("*.py"))]


def test_the_documentation_holds_the_same_table():
    text = (ROOT / "docs/command-line.md").read_text("utf-8")
    section = text.split("## Exit codes\n")[1].split("\n## ")[0]
    rows = {int(code): meaning for code, meaning in re.findall(r"^\| (\d+) \| (.*) \|$", section, re.M)}
    assert rows == {int(code): meaning for code, meaning in MEANINGS.items()}
    assert {*MEANINGS} == {*ExitCode}


def test_no_error_and_no_command_names_a_number_of_its_own():
    classes, exits, numbers = 0, 0, []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            code: ast.AST | None = None
            if isinstance(node, ast.Assign | ast.AnnAssign):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                if isinstance(target, ast.Name) and target.id == "exit_code":
                    code, classes = node.value, classes + 1
            elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "Exit":
                code, exits = node, exits + 1
            if code is not None:
                inside = [part for part in ast.walk(code) if isinstance(part, ast.Constant)]
                numbers += [f"{path.name}:{part.lineno}" for part in inside if isinstance(part.value, int)]
    assert classes > 20 and exits > 10
    assert numbers == []
