"""Which requests come from the page itself: names of this server, and what a browser says of who asks."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
ANYWHERE = ("0.0.0.0", "::", "")


@dataclass(frozen=True)
class Origins:
    """`names`: host names and addresses of this server, an IPv6 address in brackets; `served_as`: the origin
    under which a reverse proxy serves the page, or empty."""

    names: frozenset[str]
    served_as: str = ""

    def refusal(self, headers: Mapping[str, list[str]], port: int, method: str, path: str) -> str:
        """Why a request is refused, or an empty text. `headers`: values by lower-case name."""
        if len(headers.get("host", [])) != 1 or len(headers.get("origin", [])) > 1:
            return "a request names one host, and one origin at most"
        host = headers["host"][0].lower()
        if host not in self._hosts(port):
            return f"this page is not served as {host[:100]!r}"
        [origin] = headers.get("origin") or [""]
        if origin and origin.lower() not in self._origins(port):
            return f"a page of {origin[:100]!r} may not use this one"
        if any(site not in ("same-origin", "none") for site in headers.get("sec-fetch-site", [])):
            # A link from elsewhere opens the page; it does nothing else.
            opens = headers.get("sec-fetch-mode") == ["navigate"] and headers.get("sec-fetch-dest") == [
                "document"
            ]
            if not (opens and method == "GET" and not path.startswith("/gradio_api") and path != "/logout"):
                return "another web site may not use this page"
        return ""

    def _hosts(self, port: int) -> set[str]:
        hosts = {f"{name}:{port}" for name in self.names}
        if port == 80:
            hosts |= self.names
        return hosts | ({urlsplit(self.served_as).netloc} if self.served_as else set())

    def _origins(self, port: int) -> set[str]:
        return {f"http://{host}" for host in self._hosts(port)} | (
            {self.served_as} if self.served_as else set()
        )


def origins_of(host: str, served_as: str = "") -> Origins:
    """The origins of a page that listens on `host`."""
    names = set(LOOPBACK)
    if host in ANYWHERE:
        names |= {socket.gethostname().lower()}
        for addresses in psutil.net_if_addrs().values():
            names |= {_in_brackets(address.address.split("%")[0].lower()) for address in addresses}
    else:
        names.add(_in_brackets(host.lower()))
    return Origins(frozenset(names), served_as.lower().rstrip("/"))


def _in_brackets(address: str) -> str:
    return f"[{address}]" if ":" in address and not address.startswith("[") else address
