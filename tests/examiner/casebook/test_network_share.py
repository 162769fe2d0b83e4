"""Network shares are told by what three systems say of their mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from examiner.casebook import network_share as shares
from examiner.casebook.casebook import Casebook
from examiner.casebook.replay import CasebookError

LINUX = """22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/evidence rw,relatime shared:5 - nfs4 server:/evidence rw
31 22 0:41 / /mnt/two\\040words rw - cifs //server/x rw
32 30 8:2 / /mnt/evidence/local rw - xfs /dev/sdb1 rw
33 22 0:42 / /home/eva/far rw - fuse.sshfs eva@far:/ rw
broken line
"""

MAC = """/dev/disk3s1 on / (apfs, local, read-only)
//eva@server/share on /Volumes/share (smbfs, nodev, nosuid, mounted by eva)
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/", "ext4"),
        ("/mnt", "ext4"),
        ("/mnt/evidence/book", "nfs4"),
        ("/mnt/evidence-2/book", "ext4"),
        ("/mnt/two words/book", "cifs"),
        ("/mnt/evidence/local/book", "xfs"),
        ("/home/eva/far", "fuse.sshfs"),
    ],
)
def test_the_deepest_mount_of_linux_counts(place, kind):
    assert shares.linux_type(LINUX, Path(place)) == kind


def test_a_later_mount_lies_on_top_of_an_earlier_one():
    again = LINUX + "40 30 8:3 / /mnt/evidence rw - ext4 /dev/sdc1 rw\n"
    assert shares.linux_type(again, Path("/mnt/evidence/book")) == "ext4"


def test_a_mac_names_the_type_first():
    assert shares.mac_type(MAC, Path("/Volumes/share/book")) == "smbfs"
    assert shares.mac_type(MAC, Path("/Users/eva")) == "apfs"


@pytest.mark.parametrize("kind", ["nfs", "CIFS", "fuse.sshfs", "9p", "fuse.rclone_x", "smbfs"])
def test_file_systems_of_other_machines(kind):
    assert shares.is_network(kind)


@pytest.mark.parametrize("kind", ["ext4", "apfs", "ntfs", "fuseblk.ntfs", "overlay", "tmpfs", ""])
def test_file_systems_of_this_machine(kind):
    assert not shares.is_network(kind)


def test_this_machine_is_asked_for_the_nearest_folder_that_exists(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(shares, "is_network", lambda kind: bool(asked.append(kind)) or True)
    assert shares.share_of(tmp_path / "not" / "there") == asked[0] != ""


def test_a_casebook_on_a_share_is_refused_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(shares, "is_network", lambda _: True)
    with pytest.raises(CasebookError, match="network"):
        Casebook(tmp_path / "casebook")
    assert not (tmp_path / "casebook" / "casebook.sqlite").exists()
