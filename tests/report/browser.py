"""A headless Chromium, driven over a pipe: the DevTools protocol, without a library and without a socket.

Source: https://chromedevtools.github.io/devtools-protocol/
"""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fcntl import F_DUPFD_CLOEXEC, fcntl
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "chromium-headless-shell")
_FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
)
_HIGH = 10
_IN, _OUT = 3, 4


def executable() -> str | None:
    """Find a Chromium on the path, or the one that ``CHROMIUM`` names."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Page:
    """The one page of the browser.

    Attributes:
        events: all that the browser has sent, in order.
    """

    writes: int
    reads: int
    session: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    _number: int = 0
    _rest: bytes = b""

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Give a command, and wait for its answer."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.writes, json.dumps(command).encode() + b"\0")
        while (message := self._next()).get("id") != self._number:
            self.events.append(message)
        if "error" in message:
            raise AssertionError(f"{method}: {message['error']}")
        result: dict[str, Any] = message["result"]
        return result

    def wait_for(self, event: str) -> dict[str, Any]:
        """Wait for the next event of this name."""
        while True:
            message = self._next()
            self.events.append(message)
            if message.get("method") == event:
                params: dict[str, Any] = message["params"]
                return params

    def load(self, path: Path) -> None:
        """Load a file."""
        self.visit(path.as_uri())

    def visit(self, url: str) -> None:
        """Load what an address leads to."""
        self.events.clear()
        self.send("Page.navigate", url=url)
        self.wait_for("Page.loadEventFired")

    def open(self, path: Path, fragment: str = "") -> None:
        """Load a file, at a place in it, and wait until its script has begun."""
        self.visit("about:blank")  # the same file with another fragment would not be loaded anew
        self.visit(path.as_uri() + fragment)
        self.until("'ready' in document.documentElement.dataset")

    def until(self, condition: str) -> None:
        """Wait until a condition of the page holds.

        Raises:
            AssertionError: it does not, after five seconds.
        """
        script = f"""new Promise((done, fail) => {{
          const end = performance.now() + 5000;
          (function wait() {{
            if ({condition}) done();
            else if (performance.now() > end) fail(new Error({json.dumps(condition)}));
            else setTimeout(wait, 10);
          }})();
        }})"""
        self.run(script)

    def widen(self, pixels: int) -> None:
        """Set the width of the window."""
        self.send("Emulation.setDeviceMetricsOverride", width=pixels, height=900, deviceScaleFactor=1, mobile=False)

    def focus(self, selector: str) -> None:
        """Put the focus on an element."""
        self.run(f"document.querySelector(`{selector}`).focus()")

    def enter(self) -> None:
        """Press the key that activates what has the focus."""
        self.press("Enter", text="\r", code=13)

    def seen(self, selector: str) -> int:
        """Count the elements that are shown."""
        script = f"[...document.querySelectorAll('{selector}')].filter(element => element.checkVisibility()).length"
        return int(self.run(script))

    def run(self, script: str) -> Any:
        """Evaluate a script, wait for what it promises, and return it."""
        said = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in said:
            raise AssertionError(said["exceptionDetails"])
        return said["result"].get("value")

    def press(self, key: str, *, text: str = "", code: int = 0, modifiers: int = 0) -> None:
        """Press and release a key, as a person does."""
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.send("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, text: str) -> None:
        """Type a text, letter by letter."""
        for letter in text:
            self.send("Input.dispatchKeyEvent", type="char", text=letter)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = os.read(self.reads, 1 << 20)
            if not more:
                raise AssertionError("the browser is gone")
            self._rest += more
        raw, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(raw)
        return message


def installed() -> str:
    """Return a Chromium; without one, skip the test, or fail where it must run."""
    program = executable()
    if program is None:
        reason = f"there is no browser: none of {', '.join(NAMES)} is on the path, and CHROMIUM names none"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return program


@contextmanager
def browser(program: str, profile: Path, *flags: str) -> Iterator[Page]:
    """Start a browser with an empty page, and end it."""
    (its_in, writes), (reads, its_out) = os.pipe(), os.pipe()
    theirs = [fcntl(end, F_DUPFD_CLOEXEC, _HIGH) for end in (its_in, its_out)]
    silence = os.open(os.devnull, os.O_WRONLY)
    pid = os.posix_spawn(
        program,
        [program, *_FLAGS, *flags, f"--user-data-dir={profile}", "about:blank"],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, silence, 2),
            (os.POSIX_SPAWN_DUP2, theirs[0], _IN),
            (os.POSIX_SPAWN_DUP2, theirs[1], _OUT),
        ],
        setpgroup=0,
    )
    for end in (its_in, its_out, *theirs, silence):
        os.close(end)
    try:
        page = Page(writes, reads)
        target = next(t for t in page.send("Target.getTargets")["targetInfos"] if t["type"] == "page")
        page.session = page.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            page.send(f"{domain}.enable")
        yield page
    finally:
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(writes)
        os.close(reads)
