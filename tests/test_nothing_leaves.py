"""Nothing leaves the machine and nothing is left on it: reading, a report and the page by their system calls.

The environment is hostile: it turns every report on again and names a proxy. The address is one of those kept
for documentation (RFC 5737), which nobody has.
"""

from __future__ import annotations

from tests.examiner.whole_case import decided, plate
from tests.system_calls import watched

FAR = "192.0.2.1"

HOSTILE = {
    "ORT_DISABLE_TELEMETRY": "0",
    "GRADIO_ANALYTICS_ENABLED": "True",
    "HF_HUB_DISABLE_TELEMETRY": "0",
    "HF_HUB_OFFLINE": "0",
    "HTTP_PROXY": f"http://{FAR}:3128",
    "HTTPS_PROXY": f"http://{FAR}:3128",
    "ALL_PROXY": f"http://{FAR}:3128",
}

EXAMINER = ("-c", "from examiner.cli import main; main()")


def test_the_watch_sees_an_address_a_look_up_and_a_file(tmp_path):
    """What the other tests look for, done by a program that does it. Datagram sockets connect unsent."""
    code = (
        "import pathlib, socket\n"
        "def connect(family, address):\n"
        "    try: socket.socket(family, socket.SOCK_DGRAM).connect(address)\n"
        "    except OSError: pass\n"
        "connect(socket.AF_INET, ('127.0.0.1', 9))\n"
        f"connect(socket.AF_INET, ({FAR!r}, 9))\n"
        "connect(socket.AF_INET, ('127.0.0.53', 53))\n"
        "connect(socket.AF_INET6, ('2001:db8::1', 9))\n"
        "pathlib.Path.home().joinpath('left').touch()"
    )
    with watched(["-c", code], tmp_path) as program:
        assert program.process.wait() == 0
    if program.written() is None:
        assert program.far()
    else:
        assert len(program.far()) == 3
        assert not any('"127.0.0.1"' in line for line in program.far())
        assert program.written() == [program.home / "left"]
    assert program.home / "left" in program.stray()
    assert program.stray(program.home) == []


def test_reading_speaks_to_nobody_and_writes_only_what_was_asked_for(tmp_path, struck):
    photographs, out = tmp_path / "photographs", tmp_path / "out"
    photographs.mkdir()
    out.mkdir()
    for number, text in enumerate(("AB12", "QX48")):
        struck(photographs / f"plate_{number}.png", text, size=(450, 250), left=10, base=180)
    arguments = ["read", "--each-photo", str(photographs), "--workers", "2"]
    asked_for = ["--out", str(out / "results.sqlite"), "--overview", str(out / "overview")]
    with watched([*EXAMINER, *arguments, *asked_for], tmp_path, HOSTILE) as program:
        _, said = program.process.communicate()
    assert program.process.returncode == 0, said
    assert (out / "results.sqlite").is_file() and (out / "overview").is_dir()
    assert program.far() == []
    assert program.stray(out) == []


def test_a_report_speaks_to_nobody_and_writes_the_casebook_and_its_file(tmp_path):
    from examiner.casebook.casebook import Casebook

    folder, out = tmp_path / "casebook", tmp_path / "out"
    out.mkdir()
    with Casebook(folder) as casebook:
        id = decided(casebook, [plate(tmp_path / "plate.png")])
    files = ["-o", str(out / "report.pdf"), "-o", str(out / "report.json")]
    with watched([*EXAMINER, "report", str(folder), id, *files], tmp_path, HOSTILE) as program:
        _, said = program.process.communicate()
    assert program.process.returncode == 0, said
    assert (out / "report.pdf").read_bytes()[:5] == b"%PDF-"
    assert program.far() == []
    assert program.stray(folder, out) == []


def test_the_page_speaks_to_this_machine_only_and_writes_the_casebook(tmp_path):
    """Started, opened with its first sample, which the readers read, and closed."""
    folder = tmp_path / "casebook"
    program_and_visitor = ["-m", "tests.page_and_visitor", str(folder)]
    with watched(program_and_visitor, tmp_path, HOSTILE | {"NO_PROXY": "127.0.0.1"}) as program:
        came, said = program.process.communicate()
    assert program.process.returncode == 0, said
    assert '"proposed":{"candidates":[{' in came
    assert list((folder / "originals").iterdir())
    assert program.far() == []
    assert program.stray(folder) == []
