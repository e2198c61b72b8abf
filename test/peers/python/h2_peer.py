"""HTTP/2 frame by frame: `h2_peer.py serve <scripts> <certificate> <key>`, or `h2_peer.py call <scripts> <url>…`.

The scripts are those of test/helpers/h2-peer.ts. What each side receives is printed as JSON when it is over.
"""

import contextlib
import hashlib
import json
import os
import random
import socket
import ssl
import sys
import threading
from collections import Counter
from urllib.parse import urlsplit

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.exceptions import StreamClosedError
from hpack import NeverIndexedHeaderTuple
from hyperframe.frame import GoAwayFrame


class Stream:
    """One request on one connection, and what its receiver sees of it."""

    def __init__(self, id):
        self.id = id
        self.seen = []
        self.bytes = 0
        self.digest = hashlib.sha256()

    def note(self, kind, *more):
        self.seen.append([kind, *more])

    def data(self, data):
        self.bytes += len(data)
        self.digest.update(data)
        # How data is cut into frames is the business of each connection.
        if not self.seen or self.seen[-1][0] != "data":
            self.note("data")
        self.seen[-1][1:] = [self.bytes, self.digest.hexdigest()]

    def has(self, kind, count=0):
        if kind == "data":
            return self.bytes >= count
        return sum(note[0] == kind for note in self.seen) > count

    @property
    def is_over(self):
        return any(note[0] in ("reset", "unprocessed", "closed") for note in self.seen)


class Connection:
    """Runs scripts on a connection. A script is a generator that yields whether it has done something."""

    def __init__(self, sock, is_client):
        self.sock = sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.is_client = is_client
        config = H2Configuration(client_side=is_client, header_encoding=None, validate_inbound_headers=False)
        config.validate_outbound_headers = config.normalize_outbound_headers = False
        self.h2 = H2Connection(config)
        # h2 takes the first GOAWAY for the end of all streams.
        self.h2._frame_dispatch_table[GoAwayFrame] = lambda frame: ([], [frame])
        self.streams = {-1: Stream(0)}
        self.scripts = []
        self.is_manual = False
        self.is_closed = False

    def run(self, is_done):
        """Exchanges frames until this is done or the connection is closed."""
        try:
            while not self.is_closed:
                while any([self.advance(script) for script in list(self.scripts)]):
                    self.send(self.h2.data_to_send())
                self.send(self.h2.data_to_send())
                if is_done():
                    return
                with contextlib.suppress(OSError):
                    data = b""
                    data = self.sock.recv(65536)
                self.take(data)
                self.is_closed = data == b""
        finally:
            for stream in self.streams.values():
                if self.is_closed and not stream.has("end") and not stream.is_over:
                    stream.note("closed")
            for script in self.scripts:
                script.close()

    def advance(self, script):
        acted = next(script, None)
        if acted is None:
            self.scripts.remove(script)
        return acted

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            self.is_closed = True

    def take(self, data):
        for event in self.h2.receive_data(data):
            self.receive(event)

    def receive(self, event):
        if isinstance(event, GoAwayFrame):
            # A client's is about the streams that the server would open.
            for stream in self.streams.values() if self.is_client else ():
                if stream.id > event.last_stream_id:
                    stream.note("unprocessed")
            return
        if isinstance(event, events.RequestReceived):
            self.asked(event)
        by_id = {stream.id: stream for stream in reversed(self.streams.values())}
        stream = by_id.get(getattr(event, "stream_id", None) or 0)
        if stream is None:
            return
        kind = kinds.get(type(event))
        if kind in ("request", "answer", "interim", "trailers"):
            # Fields of different names are in any order (RFC 9110 5.3).
            fields = [[name.decode("latin1"), value.decode("latin1")] for name, value in event.headers]
            stream.note(kind, sorted(fields, key=lambda field: field[0]))
        elif kind == "data":
            stream.data(event.data)
            if event.flow_controlled_length > 0:
                self.h2.increment_flow_control_window(event.flow_controlled_length)
                if not self.is_manual:
                    self.increment(stream, event.flow_controlled_length)
        elif kind == "reset":
            stream.note(kind, event.error_code)
        elif kind is not None:
            stream.note(kind)

    def asked(self, event):
        """Starts the script of a request: servers alone."""

    def increment(self, stream, count):
        # The stream may end with a frame that was received together with this one, and h2 then forgets it.
        with contextlib.suppress(StreamClosedError, KeyError):
            self.h2.increment_flow_control_window(count, stream.id)

    def follow(self, steps):
        for name, at, *arguments in steps:
            yield from getattr(self, name)(at, *arguments)

    def request(self, at, method, path, fields, is_end=False, priority={}, never=[]):
        while self.h2.open_outbound_streams >= self.h2.remote_settings.max_concurrent_streams:
            yield False
        stream = self.streams[at] = Stream(self.h2.get_next_available_stream_id())
        pseudo = [[":method", method], [":scheme", self.scheme], [":authority", self.authority], [":path", path]]
        self.h2.send_headers(stream.id, encoded(pseudo + fields, never), is_end, **priority)
        yield True

    def head(self, at, fields, is_end=False, never=[]):
        if not self.streams[at].is_over:
            self.h2.send_headers(self.streams[at].id, encoded(fields, never), is_end)
        yield True

    def data(self, at, count, is_end=False, padding=None, frame=1 << 24):
        stream = self.streams[at]
        data = random.Random(count).randbytes(count)
        overhead = 0 if padding is None else padding + 1
        while not stream.is_over:
            room = min(self.h2.local_flow_control_window(stream.id), self.h2.max_outbound_frame_size) - overhead
            if data and room <= 0:
                yield False
                continue
            piece = data[: min(room, frame)]
            data = data[len(piece) :]
            self.h2.send_data(stream.id, piece, is_end and not data, padding)
            yield True
            if not data:
                return

    def reset(self, at, code):
        self.h2.reset_stream(self.streams[at].id, code)
        yield True

    def wait(self, at, kind, count=0):
        """Waits for this many bytes, or for another event after this many of its kind."""
        stream = self.streams[at]
        while not stream.has(kind, count) and not stream.is_over:
            yield False

    def ping(self, at):
        self.h2.ping(b"12345678")
        yield from self.wait(-1, "pong", sum(note[0] == "pong" for note in self.streams[-1].seen))

    def settings(self, at, values):
        self.h2.update_settings({int(key): value for key, value in values.items()})
        yield True

    def manual(self, at, is_manual):
        """Whether windows grow by `window` alone."""
        self.is_manual = is_manual
        yield True

    def window(self, at, count):
        self.increment(self.streams[at], count)
        yield True

    def priority(self, at, weight, is_exclusive):
        self.h2.prioritize(self.streams[at].id, weight, None, is_exclusive)
        yield True

    def goaway(self, at):
        """Processes neither this stream nor later ones."""
        frame = GoAwayFrame(0, last_stream_id=self.streams[at].id - 2)
        self.send(self.h2.data_to_send() + frame.serialize())
        yield True

    def retry(self, at, *steps):
        """Waits for the answer, and asks on a new connection where the server has not processed the request."""
        stream = self.streams[at]
        while not stream.has("end") and not stream.is_over:
            yield False
        if stream.has("unprocessed") or stream.has("reset"):
            self.streams[at] = self.again(at, steps)


kinds = {
    events.RequestReceived: "request",
    events.ResponseReceived: "answer",
    events.InformationalResponseReceived: "interim",
    events.TrailersReceived: "trailers",
    events.DataReceived: "data",
    events.StreamEnded: "end",
    events.StreamReset: "reset",
    events.PingAckReceived: "pong",
    events.RemoteSettingsChanged: "settings",
}


def encoded(fields, never):
    pairs = [(name.encode("latin1"), value.encode("latin1")) for name, value in fields]
    return [NeverIndexedHeaderTuple(*pair) if pair[0].decode("latin1") in never else pair for pair in pairs]


class Client(Connection):
    def __init__(self, url):
        self.url = url
        parts = urlsplit(url)
        self.scheme, self.authority = parts.scheme, parts.netloc
        sock = socket.create_connection((parts.hostname, parts.port))
        if "HTTPS_PROXY" in os.environ:
            sock.close()
            sock = tunnel(urlsplit(os.environ["HTTPS_PROXY"]), parts.netloc)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            context.set_alpn_protocols(["h2"])
            sock = context.wrap_socket(sock, server_hostname=parts.hostname)
            assert sock.selected_alpn_protocol() == "h2"
        super().__init__(sock, True)
        self.h2.initiate_connection()

    def again(self, at, steps):
        with Client(self.url) as other:
            other.follow_all(steps)
            stream = other.streams[at]
            # Not one of this connection.
            stream.id = 0
            return stream

    def follow_all(self, steps):
        self.scripts = [self.follow(steps)]
        self.run(lambda: not self.scripts)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()


def tunnel(proxy, authority):
    sock = socket.create_connection((proxy.hostname, proxy.port))
    sock.sendall(f"CONNECT {authority} HTTP/1.1\r\nhost: {authority}\r\n\r\n".encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    assert head.startswith(b"HTTP/1.1 200"), head
    return sock


def call(scripts, urls):
    seen = {}
    for url in urls:
        base = urlsplit(url).path
        for name, script in scripts.items():
            with Client(url) as client:
                # The server finds the script by its path.
                text = json.dumps(script["client"]).replace('"/', f'"{base}/{name}/')
                client.follow_all(json.loads(text))
                seen[f"{base}/{name}"] = {at: stream.seen for at, stream in client.streams.items() if at >= 0}
    print(json.dumps(seen))


class Server(Connection):
    """Follows the scripts of the requests that arrive; its log has what came of each path, once for each attempt."""

    log = {}
    requests = Counter()
    active = 0
    changed = threading.Condition()

    def __init__(self, sock, scripts, is_late):
        super().__init__(sock, False)
        self.all_scripts = scripts
        self.places = {}
        self.h2.initiate_connection()
        early = b""
        while is_late and not has_request(early):
            received = sock.recv(65536)
            if not received:
                return
            early += received
        self.take(early)

    def asked(self, event):
        path = dict(event.headers)[b":path"].decode()
        place, _, at = path.rpartition("/")
        self.places[event.stream_id] = place
        stream = self.streams[event.stream_id] = Stream(event.stream_id)
        with self.changed:
            attempts = self.log.setdefault(path, [])
            attempts.append(stream.seen)
            self.requests[place] += 1
            Server.active += 1
        scripts = self.all_scripts[place.rpartition("/")[2]]["server"]
        script = scripts.get(f"{at}#{len(attempts)}") or scripts.get(at) or scripts["*"]
        self.scripts.append(self.follow_one(script, stream.id))

    def follow_one(self, script, id):
        try:
            for name, *arguments in script:
                yield from getattr(self, name)(id, *arguments)
        finally:
            with self.changed:
                Server.active -= 1
                self.changed.notify()

    def gate(self, at, count):
        """Waits for this many requests of the script."""
        while self.requests[self.places[at]] < count:
            yield False

    def sibling(self, at, number):
        """Waits for the end of another request of the script."""
        while not any(note[0] == "end" for note in self.log[f"{self.places[at]}/{number}"][-1]):
            yield False


def has_request(data):
    """Whether these first bytes of a connection have a HEADERS frame."""
    at = len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    while at + 9 <= len(data):
        if data[at + 3] == 1:
            return True
        at += 9 + int.from_bytes(data[at : at + 3], "big")
    return False


def serve(scripts, certificate, key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])

    def accept(listener, is_secure, is_late):
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=exchange, args=(sock, is_secure, is_late), daemon=True).start()

    def exchange(sock, is_secure, is_late):
        try:
            sock = context.wrap_socket(sock, server_side=True) if is_secure else sock
        except OSError:
            return
        with sock:
            Server(sock, scripts, is_late).run(lambda: False)

    ports = {}
    for name, is_secure, is_late in [("clear", False, False), ("tls", True, False), ("late", True, True)]:
        listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        ports[name] = listener.getsockname()[1]
        threading.Thread(target=accept, args=(listener, is_secure, is_late), daemon=True).start()
    print(json.dumps(ports), flush=True)
    sys.stdin.read()
    with Server.changed:
        Server.changed.wait_for(lambda: Server.active == 0)
        print(json.dumps(Server.log), flush=True)


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        scripts = json.load(file)
    if sys.argv[1] == "serve":
        serve(scripts, *sys.argv[3:])
    else:
        call(scripts, sys.argv[3:])
