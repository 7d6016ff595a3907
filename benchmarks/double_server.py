"""Serves a double of AWS: the first call of each kind is answered by the emulator, every later one by the same bytes.

It needs a tenth of the CPU of its client, so it can serve a thousand accounts and does not disturb the measurement.
``python -m benchmarks.double_server BEHAVIOUR`` prints its address and serves until standard input ends.
"""

import asyncio
import json
import os
import sys
from array import array
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection
from itertools import pairwise
from urllib.parse import urlsplit

from benchmarks.double import COUNTS, CallCounts, DoubleFaults
from emulator.aws import Emulator
from emulator.faults import Fault
from emulator.gateway.authentication import SECRET_KEY

_END = b"\r\n\r\n"
_PARTS = 100
_REASON = b"Answered"
_NOT_PASSED_ON = {"connection", "transfer-encoding", "content-length", "date", "server"}

Key = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class _Request:
    line: bytes
    headers: dict[bytes, bytes]
    body: bytes

    @classmethod
    def of(cls, head: bytes, body: bytes) -> "_Request":
        line, *rest = head.split(b"\r\n")
        pairs = (each.partition(b":") for each in rest)
        return cls(line, {name.lower(): value.strip() for name, _, value in pairs}, body)

    @property
    def signature(self) -> list[bytes]:
        """The parts of the credential scope: access key, day, Region, service and terminator."""
        return self.headers[b"authorization"].partition(b"Credential=")[2].partition(b",")[0].split(b"/")

    @property
    def key(self) -> Key:
        """The parts of the request that decide the answer."""
        _, _, region, service, _ = self.signature
        return self.line, service, region, self.headers.get(b"x-amz-target", b""), self.body


@dataclass(slots=True)
class _RecordedAws:
    """The emulator, its answers so far, and the counts."""

    faults: DoubleFaults
    aws: Emulator
    address: str
    answers: dict[tuple[bool, Key], tuple[str, bytes]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    callers: Counter[bytes] = field(default_factory=Counter)
    waiting: "array[int]" = field(default_factory=lambda: array("H"))
    in_flight: int = 0
    connections: int = 0
    most_connections: int = 0
    opened: int = 0
    one_at_a_time: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    async def answer(self, request: _Request) -> bytes:
        """Count a call, and answer it after the latency."""
        self.in_flight += 1
        self.waiting.append(self.in_flight)
        self.callers[request.signature[0]] += 1
        known = (bool(self.faults.throttled) and len(self.waiting) % self.faults.throttled == 0, request.key)
        if known not in self.answers:
            asking = asyncio.get_running_loop().run_in_executor(self.one_at_a_time, self._ask, request, known[0])
            self.answers[known] = await asking
        name, answer = self.answers[known]
        self.calls[name] += 1
        if self.faults.latency_seconds:
            await asyncio.sleep(self.faults.latency_seconds)
        self.in_flight -= 1
        return answer

    def counts(self) -> bytes:
        parts = min(_PARTS, len(self.waiting)) or 1
        edges = [len(self.waiting) * part // parts for part in range(parts + 1)]
        hundredths = [self.waiting[start:end] for start, end in pairwise(edges)]
        means = [sum(each) / len(each) for each in hundredths if each]
        of_callers = Counter(map(str, self.callers.values()))
        counted = CallCounts(dict(self.calls), dict(of_callers), means, self.most_connections, self.opened)
        return _written(200, {"Content-Type": "application/json"}, json.dumps(asdict(counted)).encode())

    def _ask(self, request: _Request, throttled: bool) -> tuple[str, bytes]:  # noqa: FBT001  # part of the key
        fault = self.aws.faults.add(Fault("*:*", "throttle")) if throttled else None
        method, path, _ = request.line.decode().split(" ")
        connection = HTTPConnection(self.address)
        connection.request(method, path, request.body, {k.decode(): v.decode() for k, v in request.headers.items()})
        answer = connection.getresponse()
        written = _written(answer.status, dict(answer.getheaders()), answer.read())
        connection.close()
        if fault:
            self.aws.faults.remove(fault)
        *_, call = self.aws.calls
        return call.name, written


def _written(status: int, headers: dict[str, str], body: bytes) -> bytes:
    kept = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if name.lower() not in _NOT_PASSED_ON)
    return b"HTTP/1.1 %d %s\r\n%sContent-Length: %d%s" % (status, _REASON, kept.encode(), len(body), _END) + body


async def _serve(recorded: _RecordedAws) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recorded.connections += 1
        recorded.opened += 1
        recorded.most_connections = max(recorded.most_connections, recorded.connections)
        try:
            while head := await _head(reader):
                request = _Request.of(head.removesuffix(_END), b"")
                length = int(request.headers.get(b"content-length", b"0"))
                body = await reader.readexactly(length) if length else b""
                is_asked = COUNTS.encode() in request.line
                writer.write(
                    recorded.counts()
                    if is_asked
                    else await recorded.answer(_Request(request.line, request.headers, body))
                )
        finally:
            recorded.connections -= 1
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0, backlog=512)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(_END)
    except (
        asyncio.IncompleteReadError,
        asyncio.CancelledError,
        ConnectionResetError,
    ):  # the client has closed, or we have
        return b""


def main(faults: DoubleFaults) -> None:
    """Serve until standard input ends, as it does when the process that started this one has ended."""
    with Emulator(tick=True, secret_key=os.environ[SECRET_KEY]) as aws:
        aws.calls.keep(1)
        asyncio.run(_serve(_RecordedAws(faults, aws, urlsplit(aws.serve(deliver=False)).netloc)))


if __name__ == "__main__":
    main(DoubleFaults(**json.loads(sys.argv[1])))
