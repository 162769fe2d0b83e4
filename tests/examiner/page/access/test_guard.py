"""The page against web sites and other users of the machine, over HTTP and in a browser."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from examiner.page.access.entrance import MOST_SESSIONS, Entrance
from examiner.page.access.guard import MOST_BODY, Guard
from examiner.page.access.origins import origins_of
from tests.examiner.page.over_http import Page


@pytest.fixture
def running(start_page: Callable[..., Any]) -> Any:
    """A page without accounts: its address carries a token."""
    return start_page()


ROUTES = [
    ("GET", ""),
    ("GET", "config"),
    ("GET", "folders"),
    ("GET", "gradio_api/info"),
    ("GET", "gradio_api/queue/data?session_hash=x"),
    ("GET", "gradio_api/heartbeat/x"),
    ("GET", "gradio_api/upload_progress?upload_id=x"),
    ("GET", "gradio_api/startup-events"),
    ("GET", "gradio_api/file=/etc/passwd"),
    ("GET", "examination/-/pictures/x.png"),
    ("POST", "gradio_api/upload"),
    ("POST", "gradio_api/run/predict"),
    ("POST", "gradio_api/queue/join"),
    ("OPTIONS", "gradio_api/queue/join"),
    ("GET", "theme.css"),
    ("GET", "nothing of this name"),
]
"""Documents, events, streams, uploads, files and what is not there."""

FOREIGN_HOSTS = [
    "evil.example",
    "evil.example:{port}",
    "127.0.0.1",
    "127.0.0.1:1",
    "127.0.0.1.evil.example:{port}",
]
FOREIGN_ORIGINS = ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost", "file://"]


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_is_refused_at_every_route(page: Page, host: str) -> None:
    """DNS rebinding: a web site's own name that leads to this machine."""
    port = httpx.URL(page.address).port
    with page.client() as client:
        for method, route in ROUTES:
            answer = client.request(method, route, headers={"Host": host.format(port=port)})
            assert answer.status_code == 403, route
            assert "not served as" in answer.text


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_foreign_origin_is_refused_at_every_route(page: Page, origin: str) -> None:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    with page.client() as client:
        for method, route in ROUTES:
            answer = client.request(method, route, headers=headers)
            assert answer.status_code == 403, route
            assert not [name for name in answer.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_requests_that_another_sites_page_makes_are_refused(page: Page, site: str) -> None:
    """A browser that sends no Origin (images, scripts, forms by GET) still says who asks."""
    with page.client() as client:
        for method, route in ROUTES:
            assert client.request(method, route, headers={"Sec-Fetch-Site": site}).status_code == 403
        opened = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        assert client.get("", headers=opened).status_code == 200
        assert client.get("gradio_api/info", headers=opened).status_code == 403
        assert client.get("", headers={**opened, "Sec-Fetch-Dest": "iframe"}).status_code == 403


def test_nobody_is_in_without_the_token_and_it_opens_once(running: Any, page: Page) -> None:
    for method, route in ROUTES:
        answer = httpx.request(method, page.address + route)
        assert answer.status_code == (200 if route.endswith("startup-events") else 401), route
        assert "gradio_config" not in answer.text
    address = running.address
    used = httpx.get(address)
    assert used.status_code == 200
    assert httpx.get(address).status_code == 401
    assert running.address != address
    assert httpx.get(page.address + "?token=" + "x" * 43).status_code == 401
    assert httpx.get(page.address + "?token=%F0%9F").status_code == 401
    assert httpx.post(running.address).status_code == 401
    with page.client() as client:
        assert client.get("config").status_code == 200


def test_cookies_stay_on_this_site(running: Any) -> None:
    [cookie] = httpx.get(running.address).headers.get_list("set-cookie")
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "none" not in cookie.lower()


def test_every_answer_has_the_security_headers(page: Page) -> None:
    with page.client() as client:
        for method, route in ROUTES:
            if "queue/data" in route or "heartbeat" in route:
                continue  # A stream that is open does not end.
            answer = client.request(method, route)
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["x-frame-options"] == "DENY"
            policy = answer.headers["content-security-policy"]
            assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy
            [scripts] = re.findall(r"script-src ([^;]*)", policy)
            assert "unsafe-inline" not in scripts and "http" not in scripts and "*" not in scripts
            assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_a_stream_has_the_security_headers_too(page: Page) -> None:
    with page.client() as client, client.stream("GET", "gradio_api/heartbeat/x") as answer:
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_body_that_is_too_long_is_refused(page: Page) -> None:
    with page.client() as client:
        long = client.post("gradio_api/run/predict", content=b"x" * (MOST_BODY + 1))
        assert long.status_code == 413

        def without_length() -> Any:
            for _ in range(18):
                yield b" " * (1 << 20)

        with contextlib.suppress(httpx.HTTPError):  # The server may hang up.
            assert client.post("gradio_api/run/predict", content=without_length()).status_code >= 400
        assert client.get("config").status_code == 200


def asked(guard: Guard, scope: dict[str, Any]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    asyncio.run(guard(scope, receive, send))
    return sent


@pytest.mark.parametrize("origin", [b"https://evil.example", b"http://127.0.0.1:7860"])
def test_web_sockets_are_refused(origin: bytes) -> None:
    async def never(*_: Any) -> None:
        raise AssertionError("a web socket reached the page")

    scope = {
        "type": "websocket",
        "path": "/queue/join",
        "headers": [(b"host", b"127.0.0.1:7860"), (b"origin", origin)],
        "server": ("127.0.0.1", 7860),
    }
    guard = Guard(never, origins_of("127.0.0.1"), None, None)
    assert asked(guard, scope) == [{"type": "websocket.close", "code": 1008}]


def test_two_hosts_in_one_request_are_refused(page: Page) -> None:
    url = httpx.URL(page.address)
    with socket.create_connection((url.host, url.port)) as connection:
        hosts = f"Host: 127.0.0.1:{url.port}\r\nHost: evil.example\r\n"
        connection.sendall(f"GET /config HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n".encode())
        answer = connection.makefile("rb").readline()
    assert b" 40" in answer


def test_a_reverse_proxy_has_its_own_origin() -> None:
    origins = origins_of("127.0.0.1", "https://marks.lab.example")
    own = {"host": ["marks.lab.example"], "origin": ["https://marks.lab.example"]}
    assert origins.refusal(own, 7860, "POST", "/gradio_api/queue/join") == ""
    assert origins.refusal({**own, "origin": ["http://marks.lab.example"]}, 7860, "POST", "/") == ""
    assert origins.refusal({**own, "origin": ["https://evil.example"]}, 7860, "POST", "/") != ""
    assert origins_of("127.0.0.1").refusal(own, 7860, "POST", "/") != ""


def test_a_page_for_a_network_has_the_names_of_its_machine() -> None:
    names = origins_of("0.0.0.0").names
    assert {"127.0.0.1", "[::1]", socket.gethostname().lower()} <= names
    assert "evil.example" not in names


def test_an_entrance_forgets_the_oldest_session() -> None:
    used = []
    entrance = Entrance(lambda: used.append(entrance.token))
    sessions = [entrance.enter(entrance.token) for _ in range(MOST_SESSIONS + 1)]
    assert len(used) == len(set(used)) == MOST_SESSIONS + 1
    assert not entrance.knows(str(sessions[0])) and entrance.knows(str(sessions[1]))
    assert entrance.enter("") is None and entrance.enter("\ud800") is None


EVIL = """<!doctype html><body><script>
window.done = [];
const page = "%s";
const say = (what, answer) => window.done.push(what + ":" + answer);
Promise.all([
  fetch(page + "config", {credentials: "include"})
    .then(a => say("read", a.status), () => say("read", "blocked")),
  fetch(page + "gradio_api/queue/join", {method: "POST", credentials: "include",
    body: "{}"}).then(a => say("act", a.status), () => say("act", "blocked")),
]).then(() => {
  const frame = document.createElement("iframe");
  frame.src = page; document.body.append(frame);
  frame.onload = () => { window.framed = true; };
});
</script>"""


def test_another_web_site_gets_nothing_from_a_browser_that_is_in(browser: Any, running: Any) -> None:
    """Another name of this machine is another site for the browser; it is answered by the test."""
    context = browser.new_context()
    window = context.new_page()
    window.goto(running.address)
    window.wait_for_selector("#casebar")
    other = context.new_page()
    evil = {"body": EVIL % running.root, "content_type": "text/html"}
    other.route("http://evil.localhost/", lambda route: route.fulfill(**evil))
    other.goto("http://evil.localhost/")
    other.wait_for_function("window.done.length === 2 && window.framed")
    assert sorted(other.evaluate("window.done")) == ["act:blocked", "read:blocked"]
    assert len(other.frames) == 2
    assert all(frame.evaluate("!document.querySelector('#casebar')") for frame in other.frames)


def test_no_script_runs_that_is_not_the_pages_own(browser_window: Any, running: Any) -> None:
    window = browser_window.page
    window.goto(running.address)
    window.wait_for_selector("#casebar")
    window.evaluate("""() => {
        const box = document.createElement("div");
        box.innerHTML = "<img src=x onerror='window.hostile = 1'>";
        const script = document.createElement("script");
        script.textContent = "window.hostile = 2";
        const remote = document.createElement("script");
        remote.src = "data:text/javascript,window.hostile=3";
        document.body.append(box, script, remote);
        return new Promise(done => setTimeout(done, 500));
    }""")
    assert window.evaluate("window.hostile") is None


def test_a_running_page_prints_the_next_address_when_one_was_used(
    start_page: Callable[..., Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = start_page()
    monkeypatch.setattr(running.blocks, "block_thread", lambda: httpx.get(running.address))
    monkeypatch.setattr(running.blocks, "close", lambda **_: None)
    running.wait(f"Open {running.address}\n")
    first, second = re.findall(r"http://\S+", capsys.readouterr().out)
    assert "?token=" in first and "?token=" in second and first != second
