"""A page that somebody has open in a browser gets nothing from an emulator on the same machine."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from emulator.aws import Emulator
from tests.report.browser import Page, browser, installed

REBOUND = "attacker.example"
"""A name of the attacker's that leads to the loopback, as after DNS rebinding."""

TRY = """(async (url) => {
  const json = JSON.stringify({operation: '*:*', kind: 'throttle'});
  const typed = 'application/json';
  const stack = 'Action=CreateStack&StackName=theirs&Version=2010-05-15';
  const tries = {
    simple: [url + '/', {method: 'POST', body: stack}],
    form: [url + '/', {method: 'POST', body: new URLSearchParams(stack)}],
    upload: [url + '/', {method: 'POST', body: new FormData()}],
    get: [url + '/', {}],
    put: [url + '/bucket/key', {method: 'PUT', body: 'theirs'}],
    lambda: [url + '/2015-03-31/functions', {method: 'POST', body: '{}'}],
    signed: [url + '/', {method: 'POST', headers: {authorization: 'AWS4-HMAC-SHA256 Credential=1/2/3/4/aws4_request'}}],
    target: [url + '/', {method: 'POST', headers: {'x-amz-target': 'DynamoDB_20120810.ListTables'}}],
    clock: [url + '/_emulator/clock', {}],
    faults: [url + '/_emulator/faults', {method: 'POST', body: json}],
    faultsAsJson: [url + '/_emulator/faults', {method: 'POST', body: json, headers: {'content-type': typed}}],
    reset: [url + '/moto-api/reset', {method: 'POST'}],
  };
  const seen = {};
  for (const [name, [to, how]] of Object.entries(tries)) {
    for (const mode of ['cors', 'no-cors']) {
      seen[`${name} ${mode}`] = await fetch(to, {...how, mode}).then(
        async (answer) => `${answer.type} ${answer.status}`,
        () => 'failed');
    }
  }
  return seen;
})(URL)"""
"""What a page may send: readable only with CORS, or blindly without."""

FORM = """(async (url) => {
  const frame = document.createElement('iframe');
  frame.name = 'frame';
  const form = document.createElement('form');
  Object.assign(form, {method: 'POST', action: url + '/', target: 'frame', enctype: 'text/plain'});
  form.innerHTML = '<input name="Action" value="CreateStack">';
  document.body.append(frame, form);
  const image = new Image();
  const gone = [frame, image].map((each) => new Promise((done) => { each.onload = each.onerror = done; }));
  image.src = url + '/bucket/key';
  form.submit();
  await Promise.all(gone);
})(URL)"""
"""What a page may send without a script's help: a form in a frame, and a picture."""


class _Blank(BaseHTTPRequestHandler):
    """A page with nothing on it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><body></body>")

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with browser(installed(), tmp_path, f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1") as started:
        yield started


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """The address of a page of another origin, on another port of the loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Blank) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def statuses(aws: Emulator) -> set[int]:
    return {refusal.status for refusal in aws.refusals}


def test_a_page_of_another_origin_gets_nothing_but_refusals(aws: Emulator, page: Page, elsewhere: str) -> None:
    url = aws.serve()
    page.visit(elsewhere)
    seen = page.run(TRY.replace("(URL)", f"({url!r})"))
    assert {name: said for name, said in seen.items() if said not in ("failed", "opaque 0")} == {}
    assert "opaque 0" in seen.values(), "a simple request was sent"
    page.run(FORM.replace("(URL)", f"({url!r})"))
    assert statuses(aws) == {403}
    assert {refusal.method for refusal in aws.refusals} == {"GET", "POST", "OPTIONS"}
    assert (len(aws.calls), len(aws.faults)) == (0, 0)


def test_a_page_whose_name_now_leads_here_reads_refusals_and_nothing_else(aws: Emulator, page: Page) -> None:
    """To the browser it is one origin, so nothing but the name of the host gives it away."""
    url = f"http://{REBOUND}:{urlsplit(aws.serve()).port}"
    page.visit(f"{url}/")
    seen = page.run(TRY.replace("(URL)", f"({url!r})"))
    assert seen.pop("put no-cors") == "failed", "the browser itself forbids it"
    assert set(seen.values()) == {"basic 403"}
    assert {(refusal.status, refusal.host.partition(":")[0]) for refusal in aws.refusals} == {(403, REBOUND)}
    assert (len(aws.calls), len(aws.faults)) == (0, 0)
