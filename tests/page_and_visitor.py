"""A page and who opens it, in processes of one watch: `python -m tests.page_and_visitor CASEBOOK`.

Starts `examiner page`, opens it, which opens the first sample and has the readers read it, writes what came
back to standard output, and ends the page as Ctrl-C does. Its exit code is the page's.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.examiner.page.over_http import Window, entered_at


def main() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = [sys.executable, "-P", "-c", "from examiner.cli import main; main()", "page"]
    started = [*start, "--casebook", sys.argv[1], "--port", str(port)]
    with subprocess.Popen(started, stdout=subprocess.PIPE, text=True) as page:
        assert page.stdout is not None
        for line in page.stdout:
            if "http://" in line:
                visitor = entered_at(line.split()[-1], Path(sys.argv[1]))
                with visitor.client() as client:
                    config = client.get("config", timeout=None).json()
                sys.stdout.write(
                    Window(visitor.address, config, "window", [], dict(visitor.cookies)).send(
                        "load", None, []
                    )
                )
                page.send_signal(signal.SIGINT)
                break
        page.stdout.read()
        return page.wait()


if __name__ == "__main__":
    raise SystemExit(main())
