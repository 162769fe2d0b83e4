"""What a program and its children ask of the system: addresses they speak to, and files they write.

Seen by strace, which sees native code too. Where it is missing, the program runs in a network namespace of
its own that has nothing but loopback; the namespace counts what was tried beyond it. Files are then not seen.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

_FILE_CALLS = (
    *("open", "openat", "openat2", "creat", "mkdir", "mkdirat", "mknod", "mknodat", "truncate"),
    *(
        "rename",
        "renameat",
        "renameat2",
        "link",
        "linkat",
        "symlink",
        "symlinkat",
        "unlink",
        "unlinkat",
        "rmdir",
    ),
)
_STRACE = (
    *("strace", "--follow-forks", "--output-separately", "--seccomp-bpf", "--quiet=all", "--decode-fds=path"),
    *("--string-limit=4096", "--trace=%network," + ",".join(f"?{call}" for call in _FILE_CALLS)),
)
_DOMAIN_SERVICE = "53"

NAMESPACE = """
import fcntl, socket, struct, subprocess, sys
with socket.socket() as asked:
    fcntl.ioctl(asked, 0x8914, struct.pack("16sH", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: up and running
done = subprocess.run(sys.argv[2:], check=False)
with open("/proc/net/snmp") as counters, open(sys.argv[1], "w") as kept:
    kept.write(counters.read())
sys.exit(done.returncode)
"""
"""Run in a new network namespace: brings loopback up, runs a command, keeps the namespace's counters."""


@dataclass(frozen=True)
class Watched:
    """A program that runs under watch; to be asked when it has ended.

    `home` is its home and cache folder, `work` the folder it runs in, `temporary` its temporary one.
    """

    process: subprocess.Popen[str]
    calls: Path
    home: Path
    work: Path
    temporary: Path

    def lines(self) -> Iterator[str]:
        """The system calls so far."""
        for path in self.calls.parent.glob(self.calls.name + ".*"):
            yield from path.read_text("utf-8", "replace").splitlines()

    def far(self) -> list[str]:
        """What it tried to reach beyond this machine, name look-ups among it."""
        if _can_trace():
            return [line for line in self.lines() if any(map(_is_far, _addresses(line)))]
        counters = _counters(self.calls.read_text("utf-8"))
        return [f"Ip {name} {counters['Ip'][name]}" for name in ("OutNoRoutes",) if counters["Ip"][name]]

    def written(self) -> list[Path] | None:
        """The paths it made, changed, renamed or removed, or was not allowed to; None where not seen."""
        if not _can_trace():
            return None
        return [path for line in self.lines() for path in _written(line, self.work)]

    def stray(self, *allowed: Path) -> list[Path]:
        """What it wrote outside its temporary folder and the `allowed` ones, and what lies in its home."""
        roots = [*allowed, self.temporary, *map(Path, ("/dev", "/proc"))]
        left = [path for folder in (self.home, self.work) for path in folder.rglob("*")]
        return [
            path
            for path in (*(self.written() or ()), *left)
            if not any(path.is_relative_to(root) for root in roots)
        ]


@contextmanager
def watched(
    command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Watched]:
    """Runs Python with the arguments `command` under watch, in new folders below `folder`; its standard
    output and error are pipes of text. Ends it where it has not ended itself."""
    rooms = {name: folder / name for name in ("home", "work", "temporary", "calls")}
    for room in rooms.values():
        room.mkdir(parents=True)
    calls = rooms["calls"] / "call"
    process = subprocess.Popen(
        [*_watcher(calls), sys.executable, "-P", *command],
        cwd=rooms["work"],
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            # Compiled modules lie beside their sources, in a checkout too; they say nothing of a case.
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(rooms["home"]),
            "XDG_CACHE_HOME": str(rooms["home"] / "cache"),
            "TMPDIR": str(rooms["temporary"]),
            **(environment or {}),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield Watched(process, calls, rooms["home"], rooms["work"], rooms["temporary"])
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
        process.communicate()


def _watcher(calls: Path) -> list[str]:
    if _can_trace():
        return [*_STRACE, f"--output={calls}"]
    if _can_separate():
        return ["unshare", "--map-root-user", "--net", sys.executable, "-c", NAMESPACE, str(calls)]
    reason = (
        "neither strace nor a network namespace of its own is allowed here: system calls cannot be watched"
    )
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@cache
def _can_trace() -> bool:
    return bool(shutil.which("strace")) and _succeeds([*_STRACE, "--output=/dev/null", "true"])


@cache
def _can_separate() -> bool:
    return bool(shutil.which("unshare")) and _succeeds(["unshare", "--map-root-user", "--net", "true"])


def _succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


_ADDRESS = re.compile(
    r"sa_family=AF_(?P<family>\w+)"
    r"(?:, sin6?_port=htons\((?P<port>\d+)\))?"
    r'(?:, sin_addr=inet_addr\("(?P<four>[^"]+)"\))?'
    r'(?:, sin6_flowinfo=[^,]+, inet_pton\(AF_INET6, "(?P<six>[^"]+)")?'
    r'(?:, sun_path=@?"(?P<path>[^"]*)")?'
)


_ADDRESSING = {"connect", "sendto", "sendmsg", "sendmmsg", "bind"}


def _addresses(line: str) -> list[re.Match[str]]:
    """The addresses that a system call names as a goal."""
    return list(_ADDRESS.finditer(line)) if line.partition("(")[0] in _ADDRESSING else []


def _is_far(address: re.Match[str]) -> bool:
    family, host = address["family"], address["four"] or address["six"]
    if family in {"UNIX", "LOCAL"}:
        return "resolve" in (address["path"] or "").lower()  # A resolver on this machine asks others.
    if family in {"INET", "INET6"}:
        near = host is not None and (host.startswith("127.") or host in {"::1", "::ffff:127.0.0.1"})
        return not near or address["port"] == _DOMAIN_SERVICE
    return family not in {"UNSPEC", "NETLINK"}


_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<(?P<folder>[^>]*)>, )?"(?P<name>(?:[^"\\]|\\.)*)"')
_OPENING = {"open", "openat", "openat2"}
_REFUSED = re.compile(r"= -1 (?!EACCES|EPERM|EROFS)E[A-Z]+")
"""A call that failed because there was nothing to do; one that was only not allowed counts as tried."""


def _written(line: str, work: Path) -> list[Path]:
    call = line.partition("(")[0]
    if call not in _FILE_CALLS or _REFUSED.search(line):
        return []
    if call in _OPENING and not re.search(r"O_(WRONLY|RDWR|CREAT|TRUNC)", line):
        return []
    return [
        Path(os.path.normpath(work / (match["folder"] or "") / _plain(match["name"])))
        for match in _PATH.finditer(line)
    ]


def _plain(escaped: str) -> str:
    """A path as strace writes it, bytes beyond ASCII in octal."""
    return escaped.encode("ascii").decode("unicode_escape").encode("latin-1").decode("utf-8", "replace")


def _counters(table: str) -> dict[str, dict[str, int]]:
    """The counters of /proc/net/snmp by protocol and name."""
    lines = [line.split() for line in table.splitlines()]
    return {
        names[0].rstrip(":"): dict(zip(names[1:], map(int, values[1:]), strict=True))
        for names, values in zip(lines[::2], lines[1::2], strict=True)
    }
