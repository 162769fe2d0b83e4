"""Stamps of an authority that is made here with OpenSSL: request, answer, and the check later without it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from examiner.casebook.casebook import Casebook
from examiner.casebook.stamps import (
    StampError,
    certificates_in,
    checked_archive,
    heads_of,
    request_stamp,
    take_answer,
)
from examiner.cli import application
from examiner.examination.acts import Mode
from tests.examiner.whole_case import plate

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL's command is not here")

SETTINGS = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[stamps]
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = stamps.pem
certs = root.pem
signer_key = stamps.key
default_policy = 1.3.6.1.4.1.55555.1
digests = sha256, sha512
signer_digest = sha256
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
"""


class Authority:
    """A root and a certificate for time stamps, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "serial").write_text("01\n")
        (folder / "settings").write_text(SETTINGS.format(name="Authority of the test"))
        self._run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days")
        self._run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")

    def _run(self, *arguments: str) -> None:
        more = {
            "-x509": ["30", "-keyout", "root.key", "-out", "root.pem", "-extensions", "root"],
            "-new": ["-keyout", "stamps.key", "-out", "stamps.csr", "-subj", "/CN=Stamps"],
        }[arguments[1]]
        self.openssl(*arguments, *more, "-config", "settings")
        if arguments[1] == "-new":
            self.openssl(
                *("x509", "-req", "-in", "stamps.csr", "-CA", "root.pem", "-CAkey", "root.key"),
                *("-CAcreateserial", "-out", "stamps.pem", "-days", "30", "-extfile", "settings"),
                *("-extensions", "stamps"),
            )

    def openssl(self, *arguments: str) -> None:
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def answer(self, request: Path, to: Path) -> Path:
        self.openssl("ts", "-reply", "-config", "settings", "-queryfile", str(request), "-out", str(to))
        return to

    @property
    def root(self) -> Path:
        return self.folder / "root.pem"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority") / "here")


@pytest.fixture
def folder(tmp_path):
    with Casebook(tmp_path / "casebook") as casebook:
        casebook.begin(Mode.CASEWORK, [plate(tmp_path / "a.png")], "eva", "Exhibit 1")
    return tmp_path / "casebook"


def test_a_head_is_stamped_and_verified_later_without_the_authority(folder, tmp_path, authority):
    archive = tmp_path / "archive"
    request = request_stamp(folder, archive)
    assert request_stamp(folder, archive) == request
    [head] = heads_of(archive)
    with Casebook(folder) as casebook:
        assert (head.head, head.seq, head.answer) == (casebook.head(), 1, None)
        casebook.begin(Mode.CASEWORK, [plate(tmp_path / "b.png", 2)], "eva", "Exhibit 2")
    kept = take_answer(authority.answer(request, tmp_path / "answer.tsr"), archive)
    assert kept.answer is not None and kept.answer.with_suffix(".tsq") == request
    check = checked_archive(folder, archive, certificates_in(authority.root))
    assert check.wrong == () and "existed at 20" in check.said[0] and "1.3.6.1.4.1.55555.1" in check.said[0]


def test_openssl_agrees_about_what_was_stamped(folder, tmp_path, authority):
    """Who has the ledger line can check the stamp with any other program."""
    from examiner.casebook.ledger import line_bytes

    request = request_stamp(folder, tmp_path / "archive")
    answer = authority.answer(request, tmp_path / "answer.tsr")
    with Casebook(folder) as casebook:
        (tmp_path / "line.json").write_bytes(line_bytes(casebook.every_line()[-1]))
    data = ("-data", str(tmp_path / "line.json"))
    authority.openssl("ts", "-verify", *data, "-in", str(answer), "-CAfile", "root.pem")


def test_an_answer_of_another_authority_or_to_another_request_proves_nothing(folder, tmp_path, authority):
    archive = tmp_path / "archive"
    request = request_stamp(folder, archive)
    stranger = Authority(tmp_path / "stranger")
    take_answer(stranger.answer(request, tmp_path / "strange.tsr"), archive)
    check = checked_archive(folder, archive, certificates_in(authority.root))
    assert "proves nothing" in check.wrong[0] and check.said == ()
    other = request_stamp(folder, tmp_path / "other archive")
    with pytest.raises(StampError, match="answers no request"):
        take_answer(authority.answer(other, tmp_path / "other.tsr"), archive)
    [kept] = (path for path in archive.glob("*.tsr"))
    kept.write_bytes((tmp_path / "other.tsr").read_bytes())
    assert (
        "not one to its request" in checked_archive(folder, archive, certificates_in(authority.root)).wrong[0]
    )


@pytest.mark.parametrize("place", range(40, 1200, 23))
def test_a_changed_answer_never_states_another_time(folder, tmp_path, authority, place):
    archive = tmp_path / "archive"
    answer = authority.answer(request_stamp(folder, archive), tmp_path / "answer.tsr")
    kept = take_answer(answer, archive).answer
    certificates = certificates_in(authority.root)
    sound = checked_archive(folder, archive, certificates).said
    data = bytearray(answer.read_bytes())
    data[place % len(data)] ^= 0x15
    kept.write_bytes(data)
    check = checked_archive(folder, archive, certificates)
    assert check.wrong or check.said == sound


def test_a_ledger_cut_off_or_written_anew_is_found_by_the_archive(folder, tmp_path, authority):
    archive = tmp_path / "archive"
    take_answer(authority.answer(request_stamp(folder, archive), tmp_path / "answer.tsr"), archive)
    shutil.rmtree(folder)
    with Casebook(folder) as casebook:
        casebook.begin(Mode.CASEWORK, [plate(tmp_path / "b.png", 2)], "eva", "Exhibit 1")
    [wrong] = checked_archive(folder, archive, certificates_in(authority.root)).wrong
    assert "has not this hash" in wrong


def test_hostile_files_are_named(folder, tmp_path):
    archive = tmp_path / "archive"
    request_stamp(folder, archive)
    for content in (b"", b"nothing", b"0" * 3_000_000, b"[" * 100_000, b"\x30\x80" * 1000):
        (tmp_path / "x.tsr").write_bytes(content)
        with pytest.raises(StampError):
            take_answer(tmp_path / "x.tsr", archive)
        with pytest.raises(StampError):
            certificates_in(tmp_path / "x.tsr")
        next(archive.glob("*.json")).write_bytes(content)
        with pytest.raises(StampError):
            heads_of(archive)


def test_the_commands(folder, tmp_path, authority):
    archive = tmp_path / "archive"
    run = CliRunner().invoke
    done = run(application, ["stamp", "request", str(folder), "--archive", str(archive)])
    assert done.exit_code == 0
    answer = authority.answer(Path(done.stdout.strip()), tmp_path / "answer.tsr")
    assert run(application, ["stamp", "take", str(answer), "--archive", str(archive)]).exit_code == 0
    assert '"answered": true' in run(application, ["stamp", "list", "--archive", str(archive)]).stdout
    verify = ["verify", str(folder), "--quick", "--archive", str(archive), "--authority", str(authority.root)]
    done = run(application, verify)
    assert done.exit_code == 0 and "existed at" in done.stderr and "without --head" not in done.stderr
    Authority(tmp_path / "stranger")
    verify[-1] = str(tmp_path / "stranger" / "root.pem")
    done = run(application, verify)
    assert done.exit_code == 1 and "proves nothing" in done.stderr
