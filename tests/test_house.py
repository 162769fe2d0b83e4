"""The way down through the packages, and what the wheel carries."""

import ast
import json
import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from pipelines.errors import ExitCode

ROOT = Path(__file__).parents[1]
PACKAGES = ("examiner", "pipelines", "models")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]

SEARCHES = ("pipelines.search.first_search", "pipelines.search.second_search")


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def imports_of(folder: str, *, but: str = "\0") -> dict[str, set[str]]:
    chosen = [p for p in SOURCES if str(p.relative_to(ROOT)).startswith(folder)]
    return {
        str(p.relative_to(ROOT)): imported(p) for p in chosen if not str(p.relative_to(ROOT)).startswith(but)
    }


def offenders(imports: dict[str, set[str]], forbidden: tuple[str, ...]) -> list[str]:
    return [
        f"{path} imports {name}"
        for path, names in imports.items()
        for name in sorted(names)
        if any(name == top or name.startswith(top + ".") for top in forbidden)
    ]


@pytest.mark.parametrize(
    ("folder", "but", "forbidden"),
    [
        ("pipelines/", "\0", ("examiner", "gradio", "sqlite3", "torch", "app")),
        ("models/", "\0", ("examiner", "gradio", "benchmarks", "app")),
        ("examiner/", "examiner/page/", ("gradio", "examiner.page.layout", "app")),
        ("examiner/", "\0", ("torch", "benchmarks", "app")),
        ("pipelines/reading/readers/", "\0", ("pipelines.search.locators", *SEARCHES, "pipelines.propose")),
        ("pipelines/search/locators/", "\0", ("pipelines.reading.readers", *SEARCHES, "pipelines.propose")),
        (
            "pipelines/enhance/",
            "\0",
            ("pipelines.reading.readers", "pipelines.search.locators", "pipelines.propose"),
        ),
    ],
)
def test_arrows_run_one_way(folder, but, forbidden):
    imports = imports_of(folder, but=but)
    assert imports
    assert offenders(imports, forbidden) == []


FLOORS = (
    ("examiner.examination", "examiner.typesetting"),
    ("examiner.photographs",),
    ("examiner.casebook",),
    ("examiner.exercises", "examiner.folders", "examiner.people", "examiner.tracing"),
    ("examiner.exports", "examiner.validation"),
    ("examiner.page",),
    ("examiner.commands",),
    ("examiner.cli",),
)
"""The packages of examiner from the ground up: each may import what lies below it."""


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def floor_of(module: str) -> int:
    (floor,) = (
        number
        for number, packages in enumerate(FLOORS)
        if any(module == package or module.startswith(package + ".") for package in packages)
    )
    return floor


def module_graph() -> dict[str, set[str]]:
    """The modules that each module imports, at its head or inside a function."""
    paths = {module_of(path): path for path in SOURCES}
    graph: dict[str, set[str]] = {}
    for module, path in paths.items():
        names: set[str] = set()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                inside = [f"{node.module}.{alias.name}" for alias in node.names]
                names |= {name if name in paths else node.module for name in inside}
        graph[module] = (names & paths.keys()) - {module}
    return graph


def test_no_imports_run_in_a_circle_not_even_lazy_ones():
    graph = module_graph()
    assert "examiner.casebook.ledger" in graph["examiner.casebook.casebook"]
    TopologicalSorter(graph).prepare()


def test_packages_of_examiner_lie_on_floors():
    graph = {module: found for module, found in module_graph().items() if module.startswith("examiner.")}
    assert {floor_of(module) for module in graph} == {*range(len(FLOORS))}
    upwards = [
        f"{module} imports {name}"
        for module, found in graph.items()
        for name in sorted(found)
        if name.startswith("examiner.")
        and name.split(".")[1] != module.split(".")[1]
        and floor_of(name) >= floor_of(module)
    ]
    assert upwards == []


def test_imports_are_written_in_full_so_that_the_arrows_can_be_seen():
    relative = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_only_the_page_imports_gradio():
    paths = [path for path, names in imports_of("").items() if "gradio" in names]
    assert paths and [path for path in paths if not path.startswith("examiner/page/")] == []


def test_what_reports_to_its_maker_is_imported_where_reports_are_off_by_then():
    """Importing pipelines switches them off; so pipelines imports ONNX Runtime, and nobody else does."""
    everywhere = [*SOURCES, ROOT / "app.py", *sorted((ROOT / "benchmarks").glob("*.py"))]
    imports = {str(path.relative_to(ROOT)): imported(path) for path in everywhere}
    importing = {
        name: [path for path, names in imports.items() if any(n.split(".")[0] == name for n in names)]
        for name in ("onnxruntime", "rapidocr")
    }
    assert importing["onnxruntime"] == ["pipelines/networks.py"]
    assert importing["rapidocr"], "the benchmarks compare with it"
    for path in importing["rapidocr"]:
        assert any(name.startswith("pipelines.") for name in imports[path]), path
    body = ast.parse((ROOT / "pipelines/__init__.py").read_text("utf-8")).body
    modules = [node.module or "" for node in body if isinstance(node, ast.ImportFrom)]
    foreign = [name for name in modules if name.split(".")[0] not in sys.stdlib_module_names]
    assert foreign == ["pipelines.telemetry"] and not any(isinstance(node, ast.Import) for node in body)
    assert "switch_telemetry_off()" in [ast.unparse(node) for node in body]
    assert imported(ROOT / "pipelines/telemetry.py") <= {
        "__future__",
        "__future__.annotations",
        "os",
        "sys",
        "warnings",
    }


def test_readers_do_not_know_each_other():
    modules = {path.stem for path in (ROOT / "pipelines/reading/readers").glob("[a-z]*.py")}
    names = modules - {"levelling"}  # What readers share.
    assert {"general", "tesseract"} <= names
    for name in names:
        others = tuple(f"pipelines.reading.readers.{other}" for other in names - {name})
        assert offenders(imports_of(f"pipelines/reading/readers/{name}.py"), others) == []


def test_the_package_of_models_is_empty():
    assert (ROOT / "models/__init__.py").read_text("utf-8") == ""


def python(code: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_neither_gradio_nor_torch_is_loaded_with_the_packages(tmp_path):
    modules = (
        "examiner",
        "examiner.cli",
        "examiner.folders.series",
        "examiner.casebook.casebook",
        "pipelines",
    )
    code = (
        "import sys, importlib\n"
        f"for name in {(*modules, 'pipelines.propose')}:\n"
        "    importlib.import_module(name)\n"
        "print(sorted(set(sys.modules) & {'gradio', 'torch', 'pipelines.propose'}))"
    )
    done = python(code, tmp_path)
    assert done.stdout.strip() == "['pipelines.propose']", done.stderr


def test_help_is_there_before_the_readers_are_loaded(tmp_path):
    code = "import sys, examiner.cli; print(sorted(set(sys.modules) & {'cv2', 'onnxruntime', 'rapidocr'}))"
    done = python(code, tmp_path)
    assert done.stdout.strip() == "[]", done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_carries_what_the_program_reads(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    recipes = {f"pipelines/enhance/recipes/{p.name}" for p in (ROOT / "pipelines/enhance/recipes").iterdir()}
    suffixes = (".html", ".css", ".js", ".jpg")
    assets = {str(p.relative_to(ROOT)) for p in (ROOT / "examiner").rglob("*") if p.suffix in suffixes}
    samples = {f"sample_images/{p.parent.name}/{p.name}" for p in (ROOT / "sample_images").glob("*/*.jpg")}
    assert recipes and assets and samples
    series = [folder.name for folder in (ROOT / "sample_images").iterdir() if folder.is_dir()]
    assert len(series) == 6
    assert {f"sample_images/{name}/frame_01.jpg" for name in series} <= names
    weights = {"models/marks.onnx", "models/rows.onnx", "models/marks.toml", "models/general.toml"}
    assert recipes | assets | samples | weights | {"pipelines/enhance/measured.toml"} <= names


def test_the_wheel_says_under_what_licence_it_is_and_from_what_it_derives(wheel):
    opened = zipfile.ZipFile(wheel)
    (info,) = {name.split("/")[0] for name in opened.namelist() if ".dist-info/" in name}
    fields = Parser().parsestr(opened.read(f"{info}/METADATA").decode())
    assert fields["License-Expression"] == "Apache-2.0"
    assert fields.get_all("License-File") == ["LICENSE", "NOTICE"]
    assert "Typing :: Typed" in fields.get_all("Classifier")
    notice = opened.read(f"{info}/licenses/NOTICE").decode()
    assert "models/marks.onnx is a derivative work of the PP-OCRv6" in notice
    # A network is named there or it does not travel.
    weights = [name for name in opened.namelist() if name.endswith(".onnx")]
    assert weights and [name for name in weights if name not in notice] == []
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(opened.namelist())


def test_the_wheel_carries_nothing_else(wheel):
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    (info,) = {top for top in tops if top.endswith(".dist-info")}
    assert tops == {"examiner", "pipelines", "models", "sample_images", info}


NO_NETWORK = """
import socket
def refuse(*_args, **_keywords):
    raise OSError("this test has no network")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = socket.create_connection = refuse
"""


def test_the_wheel_reads_a_sample_elsewhere_and_without_a_network(wheel, tmp_path):
    unpacked, elsewhere = tmp_path / "unpacked", tmp_path / "elsewhere"
    elsewhere.mkdir()
    zipfile.ZipFile(wheel).extractall(unpacked)
    code = NO_NETWORK + (
        "import json, pipelines.propose as p; from importlib.resources import files;"
        "made = p.propose_series([str(files('sample_images') / '01_intact_stamped' / 'frame_01.jpg')]);"
        "print(json.dumps([p.__file__, [line.best for line in made.lines], dict(made.readers)]))"
    )
    done = python(code, elsewhere, PYTHONPATH=str(unpacked))
    assert done.returncode == 0, done.stderr
    where, lines, readers = json.loads(done.stdout.splitlines()[-1])
    assert Path(where).is_relative_to(unpacked)
    assert lines == ["QX48271"]
    assert readers["general"] == "ok"


@pytest.mark.parametrize(
    "command", [["-m", "app"], ["-c", "from examiner.cli import main; main()", "verify", "."]]
)
def test_a_variable_that_cannot_be_used_is_named_before_anything_is_done(tmp_path, command):
    ended = subprocess.run(
        [sys.executable, *command],
        cwd=tmp_path,
        env={**os.environ, "EXAMINER_THREADS": "abc", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert ended.returncode == ExitCode.USAGE
    assert ended.stderr.count("\n") == 1 and ended.stderr.startswith("EXAMINER_THREADS: expected")
    assert list(tmp_path.iterdir()) == []
