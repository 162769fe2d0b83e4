"""Whether a folder lies on a network share, where SQLite's locks cannot be relied on.

`share_of` asks the system; what it says is judged by functions of plain text, one per system.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path, PureWindowsPath

_NETWORK = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "afpfs", "coda", "9p"),
        *("ceph", "glusterfs", "lustre", "gpfs", "beegfs", "orangefs", "pvfs2", "ocfs2", "gfs2", "davfs"),
        *("davfs2", "webdav", "sshfs", "ftpfs", "vboxsf", "vmhgfs", "prl_fs", "drvfs", "virtiofs"),
    )
)
"""File systems that another machine, or the host of a virtual one, serves; also as `fuse.<name>`."""

_DRIVE_REMOTE = 4


def share_of(folder: Path) -> str | None:
    """The kind of network share that a folder (or the nearest one that exists) lies on, or None.

    None too where the system does not say: better a casebook that opens than none on an odd system.
    """
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    place = place.resolve()
    try:
        if sys.platform == "win32":
            return _windows_share(str(place))
        if sys.platform == "darwin":
            said = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=10, check=True)
            kind = mac_type(said.stdout, place)
        else:
            kind = linux_type(Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape"), place)
    except (OSError, subprocess.SubprocessError):
        return None
    return kind if is_network(kind) else None


def is_network(kind: str) -> bool:
    """Whether a file system of this type is served by another machine."""
    name = kind.lower()
    return name.removeprefix("fuse.").removeprefix("fuseblk.") in _NETWORK or name.startswith("fuse.rclone")


def linux_type(mountinfo: str, place: Path) -> str:
    """The type of the file system that holds an absolute path, by mountinfo; "" where none does."""
    mounts = []
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split(" ")
        if len(fields) > 4 and after:
            mounts.append((_unescaped(fields[4]), after.split(" ")[0]))
    return _deepest(mounts, place)


def mac_type(mounts: str, place: Path) -> str:
    """The type of the file system that holds an absolute path, by what macOS's `mount` says."""
    found = re.findall(r"^.* on (/.*) \(([^,)]+)[^)]*\)$", mounts, re.MULTILINE)
    return _deepest(found, place)


def _deepest(mounts: list[tuple[str, str]], place: Path) -> str:
    # The last of equal depth lies on top of the others.
    depth, kind = -1, ""
    for where, of_kind in mounts:
        parts = len(Path(where).parts)
        if place.is_relative_to(where) and parts >= depth:
            depth, kind = parts, of_kind
    return kind


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def _windows_share(place: str) -> str | None:
    drive = PureWindowsPath(place).drive
    if drive.startswith("\\\\"):
        return "a path of a server"
    import ctypes

    remote = ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == _DRIVE_REMOTE  # type: ignore[attr-defined]
    return "a network drive" if remote else None
