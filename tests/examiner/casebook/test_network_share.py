"""Network shares are told by the list of mounts, as psutil gives it on three systems."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import psutil
import pytest

from examiner.casebook import network_share
from examiner.casebook.casebook import Casebook
from examiner.casebook.network_share import share_among, share_of
from examiner.casebook.replay import CasebookError


@dataclass
class Mounted:
    mountpoint: str
    fstype: str
    opts: str = "rw"


LINUX = [
    Mounted("/", "ext4"),
    Mounted("/mnt/evidence", "nfs4"),
    Mounted("/mnt/two words", "cifs"),
    Mounted("/mnt/evidence/local", "xfs"),
    Mounted("/home/eva/far", "fuse.sshfs"),
]
MAC = [Mounted("/", "apfs", "ro,local"), Mounted("/Volumes/share", "smbfs", "rw,nodev")]
WINDOWS = [Mounted("C:\\", "NTFS", "rw,fixed"), Mounted("Z:\\", "NTFS", "rw,remote")]


@pytest.mark.parametrize(
    ("mounts", "place", "share"),
    [
        (LINUX, PurePosixPath("/"), None),
        (LINUX, PurePosixPath("/mnt"), None),
        (LINUX, PurePosixPath("/mnt/evidence/book"), "nfs4"),
        (LINUX, PurePosixPath("/mnt/evidence-2/book"), None),
        (LINUX, PurePosixPath("/mnt/two words/book"), "cifs"),
        (LINUX, PurePosixPath("/mnt/evidence/local/book"), None),
        (LINUX, PurePosixPath("/home/eva/far"), "fuse.sshfs"),
        (MAC, PurePosixPath("/Volumes/share/book"), "smbfs"),
        (MAC, PurePosixPath("/Users/eva"), None),
        (WINDOWS, PureWindowsPath("C:/Users/eva/book"), None),
        (WINDOWS, PureWindowsPath("z:/book"), "a network drive"),
        (WINDOWS, PureWindowsPath("//server/share/book"), "a path of a server"),
        ([], PurePosixPath("/mnt"), None),
    ],
)
def test_the_deepest_mount_counts(mounts: list[Mounted], place: PurePath, share: str | None):
    assert share_among(mounts, place) == share


def test_a_later_mount_lies_on_top_of_an_earlier_one():
    assert (
        share_among([*LINUX, Mounted("/mnt/evidence", "ext4")], PurePosixPath("/mnt/evidence/book")) is None
    )


@pytest.mark.parametrize("kind", ["nfs", "CIFS", "fuse.sshfs", "9p", "fuse.rclone_x", "smbfs"])
def test_file_systems_of_other_machines(kind):
    assert network_share.is_network(kind)


@pytest.mark.parametrize("kind", ["ext4", "apfs", "ntfs", "fuseblk.ntfs", "overlay", "tmpfs", ""])
def test_file_systems_of_this_machine(kind):
    assert not network_share.is_network(kind)


def test_this_machine_is_asked_for_the_nearest_folder_that_exists(tmp_path, monkeypatch):
    asked: list[str] = []

    def is_network(kind: str) -> bool:
        asked.append(kind)
        return True

    monkeypatch.setattr(network_share, "is_network", is_network)
    assert share_of(tmp_path / "not" / "there") == asked[0] != ""


def test_a_machine_that_does_not_say_is_no_error(tmp_path, monkeypatch):
    def silent(**_: object) -> None:
        raise PermissionError("no list of mounts here")

    monkeypatch.setattr(psutil, "disk_partitions", silent)
    assert share_of(Path(tmp_path)) is None


def test_a_casebook_on_a_share_is_refused_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(network_share, "is_network", lambda _: True)
    with pytest.raises(CasebookError, match="network"):
        Casebook(tmp_path / "casebook")
    assert not (tmp_path / "casebook" / "casebook.sqlite").exists()
