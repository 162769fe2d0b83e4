"""Attacks on files, sessions, lists and the gate, over HTTP against the running page with accounts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import httpx
import pytest

from examiner.examination.acts import Mode, OrderError, Phase
from examiner.examination.permissions import Deed
from examiner.people import People
from tests.examiner.page.access.conftest import read_alone, revealed
from tests.examiner.page.machine_proposal import SECRET
from tests.examiner.page.over_http import WAIT_S, Window

ADDRESS = re.compile(r"/examination/[0-9a-f]{32}/(?:pictures|exports)/[A-Za-z0-9._-]+")


def fetched(window: Window, address: str) -> httpx.Response:
    return httpx.get(
        window.address.rstrip("/") + address, cookies=window.cookies, timeout=WAIT_S, follow_redirects=False
    )


def addresses(window: Window) -> list[str]:
    return ADDRESS.findall("\n".join(window.received))


def test_files_go_out_by_examination_phase_and_person_and_each_fetch_is_a_line(
    running: Any, window_of: Callable[[str], Window], photographs: list[Path]
) -> None:
    casebook = running.behind.shared.casebook
    id = revealed(casebook, photographs[:1])
    casebook.sign(id, "eva")
    eva, ann = window_of("eva"), window_of("ann")
    eva.send("open", {"choice": id})
    eva.send("give_out", {"examination": id, "file": "reading.json"})
    export = next(address for address in addresses(eva) if "/exports/" in address)
    picture = next(address for address in addresses(eva) if "/pictures/" in address)
    assert json.loads(fetched(eva, export).text)["examination"] == id
    assert fetched(eva, picture).status_code == 200
    lines = [line for line in casebook.history(id) if line.kind == "fetch"]
    assert [(line.actor, line.value()["kind"]) for line in lines] == [("eva", "exports"), ("eva", "pictures")]
    # Another examiner may look at the signed case, and is given none of its files.
    assert fetched(ann, picture).status_code == 200
    assert fetched(ann, export).status_code == 403
    # Nobody gets a file by where it lies, under another examination, or without signing in.
    name = export.rpartition("/")[2]
    lies = casebook.folder / "page" / "made" / "exports" / id / name
    assert lies.is_file()
    assert httpx.get(f"{running.address}gradio_api/file={lies}", cookies=ann.cookies).status_code == 403
    assert fetched(ann, f"/examination/{'0' * 32}/exports/{name}").status_code == 404
    assert fetched(ann, f"/examination/{id}/secrets/{name}").status_code == 404
    assert httpx.get(running.address.rstrip("/") + export).status_code == 401
    # Opened again, it is no longer signed: what was given out then is not fetched now.
    eva.send("step", {"examination": id, "step": "amend", "said": "seen again"})
    assert casebook.examination(id).phase is Phase.REVEALED
    assert fetched(eva, export).status_code == 403


def test_a_blind_second_examiner_fetches_nothing_of_the_first(
    running: Any, window_of: Callable[[str], Window], photographs: list[Path]
) -> None:
    casebook = running.behind.shared.casebook
    id = revealed(casebook, photographs[:1])
    eva, max_ = window_of("eva"), window_of("max")
    eva.send("open", {"choice": id})
    pictures = addresses(eva)
    assert pictures
    # Without a question nobody is shown what bars the second reading.
    asked = max_.send("open", {"choice": id})
    assert "can no longer be its second examiner" in asked.replace('\\\\"', '"') and SECRET not in asked
    assert not casebook.has_done(id, "max")
    max_.send("open", {"choice": f"second:{id}"})
    [second] = [entry for entry in casebook.examinations() if entry.mode is Mode.SECOND]
    assert all(fetched(max_, address).status_code == 403 for address in pictures)
    swapped = [address.replace(id, second.id) for address in pictures if "crop-" in address]
    assert swapped and all(fetched(max_, address).status_code == 404 for address in swapped)
    # The same choice again goes on with the one reading there is.
    max_.send("open", {"choice": f"second:{id}"})
    assert len(casebook.examinations()) == 2
    read_alone(casebook, second.id, "max", "AB")
    assert fetched(max_, pictures[0]).status_code == 200


@pytest.mark.parametrize("mode", ["training", "informed"])
def test_a_copy_shows_no_proposal_while_the_photograph_is_read_alone(
    running: Any,
    window_of: Callable[[str], Window],
    photographs: list[Path],
    tmp_path: Path,
    mode: str,
) -> None:
    casebook = running.behind.shared.casebook
    eva, ann = window_of("eva"), window_of("ann")
    eva.upload(photographs[:1], ["plate.png"])
    copy = tmp_path / "copy.jpg"
    cv2.imwrite(str(copy), cv2.imread(str(photographs[0])), [cv2.IMWRITE_JPEG_QUALITY, 50])
    for window, words in ((eva, "lock that reading first"), (ann, "eva is reading")):
        window.upload([copy], ["other name.jpg"], mode)
        assert words in window.everything() and SECRET not in window.everything()
    assert [entry.mode for entry in casebook.examinations()] == [Mode.CASEWORK]


def test_a_second_tab_cannot_lock_what_the_first_has_changed(
    running: Any, window_of: Callable[[str], Window], photographs: list[Path]
) -> None:
    casebook = running.behind.shared.casebook
    one, other = window_of("eva"), window_of("eva")
    one.upload(photographs[:1], ["plate.png"])
    id = casebook.examinations()[-1].id
    read_alone(casebook, id, "eva", "A", lock=False)
    for tab in (one, other):
        tab.send("open", {"choice": id})
    seen = other.seen()
    reading = {"state": "definite", "reading": "Q", "alternatives": [], "reason": ""}
    one.send(
        "act", {"examination": id, "act": {"act": "observe", "position": 1, "reading": reading}, "reply": 1}
    )
    answer = other.send("step", {"examination": id, "step": "lock", "seen": seen})
    assert "since this window showed it" in answer and casebook.examination(id).phase is Phase.OBSERVE
    without = other.send("step", {"examination": id, "step": "lock", "seen": None})
    assert "names the state" in without and casebook.examination(id).phase is Phase.OBSERVE
    other.send("step", {"examination": id, "step": "lock"})
    assert casebook.examination(id).phase is Phase.LOCKED


def test_a_closed_account_and_a_session_that_ended_lose_access_and_key_at_once(
    running: Any, window_of: Callable[[str], Window], people: People, photographs: list[Path]
) -> None:
    casebook, desks = running.behind.shared.casebook, running.behind
    id = revealed(casebook, photographs[:1])
    eva, ann, max_ = window_of("eva"), window_of("ann"), window_of("max")
    eva.send("open", {"choice": id})
    picture = addresses(eva)[0]
    desk = desks.of("eva")
    assert desk.person.key is not None and fetched(eva, picture).status_code == 200
    people.set_active("eva", False)
    before = casebook.head()
    assert fetched(eva, picture).status_code == 401
    assert "Not authenticated" in eva.send("step", {"examination": id, "step": "sign"})
    assert casebook.head() == before and desk.person.key is None
    with pytest.raises(OrderError, match="signed out"):
        desks.of("eva")
    # Another password ends a session as well; signing out ends it, and the key is gone.
    people.reset_password("ann", "another five words 8")
    assert fetched(ann, "/config").status_code == 401
    max_desk = desks.of("max")
    fetched(max_, "/logout")
    assert max_desk.person.key is None and fetched(max_, "/config").status_code == 401
    with pytest.raises(OrderError, match="signed out"):
        max_desk.permit(Deed.ENTER, "")
