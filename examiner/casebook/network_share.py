"""Whether a folder lies on a network share, where SQLite's locks cannot be relied on."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Protocol

import psutil

_NETWORK = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "afpfs", "coda", "9p"),
        *("ceph", "glusterfs", "lustre", "gpfs", "beegfs", "orangefs", "pvfs2", "ocfs2", "gfs2", "davfs"),
        *("davfs2", "webdav", "sshfs", "ftpfs", "vboxsf", "vmhgfs", "prl_fs", "drvfs", "virtiofs"),
    )
)
"""File systems that another machine, or the host of a virtual one, serves; also as `fuse.<name>`."""


class Mount(Protocol):
    """What psutil says of a mounted file system: `fstype` its type, `opts` its options, apart by commas."""

    mountpoint: str
    fstype: str
    opts: str


def share_of(folder: Path) -> str | None:
    """The kind of network share that a folder (or the nearest one that exists) lies on, or None.

    None too where the system does not say: better a casebook that opens than none on an odd system.
    """
    place = folder.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        return share_among(psutil.disk_partitions(all=True), place.resolve())
    except (OSError, psutil.Error):
        return None


def share_among(mounts: Iterable[Mount], place: PurePath) -> str | None:
    """The kind of share that an absolute path lies on, by the list of mounts, or None."""
    if place.drive.startswith("\\\\"):
        return "a path of a server"
    depth, kind, options = -1, "", ""
    for mount in mounts:
        where = type(place)(mount.mountpoint)
        # The last of equal depth lies on top of the others.
        if place.is_relative_to(where) and len(where.parts) >= depth:
            depth, kind, options = len(where.parts), mount.fstype, mount.opts
    # Windows names the file system of the server and marks the drive.
    if "remote" in options.split(","):
        return "a network drive"
    return kind if is_network(kind) else None


def is_network(kind: str) -> bool:
    """Whether a file system of this type is served by another machine."""
    name = kind.lower()
    return name.removeprefix("fuse.").removeprefix("fuseblk.") in _NETWORK or name.startswith("fuse.rclone")
