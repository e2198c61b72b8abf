"""Opens tunnels through the proxy (CONNECT, RFC 9110 9.3.6) in the place of connections."""
import functools
import os

# SSH, mail, directories, databases, caches, queues: protocols that are not HTTP, on their registered ports.
_USUALLY_DIRECT = {
    22, 25, 110, 143, 389, 465, 587, 636, 993, 995, 1433, 1521, 1883, 3306, 5432, 5671, 5672, 6379,
    8883, 9042, 9092, 11211, 27017,
}  # fmt: skip


def through_proxy(create_connection):
    """Wraps `create_connection(address, ...)` of socket or urllib3, which returns a socket."""

    @functools.wraps(create_connection)
    def wrapped(address, *args, **options):
        proxy = _proxy_for(*address[:2])
        if proxy is None:
            return create_connection(address, *args, **options)
        sock = create_connection(proxy, *args, **options)
        try:
            sock.sendall(_request(*address[:2]))
            answer = b""
            while not answer.endswith(b"\r\n\r\n"):
                # One at a time: what comes next is not ours.
                answer = _longer(answer, sock.recv(1))
            _check(answer)
        except BaseException:
            sock.close()
            raise
        return sock

    return wrapped


def through_proxy_async(create_connection):
    """Wraps `create_connection(self, protocol_factory, host, port, ...)` of an asyncio event loop."""

    @functools.wraps(create_connection)
    async def wrapped(self, protocol_factory, host=None, port=None, **options):
        proxy = None if options.get("sock") is not None else _proxy_for(host, port)
        if proxy is None:
            return await create_connection(self, protocol_factory, host, port, **options)
        import socket

        sock = socket.socket(socket.AF_INET6 if ":" in proxy[0] else socket.AF_INET)
        try:
            sock.setblocking(False)
            await self.sock_connect(sock, proxy)
            await self.sock_sendall(sock, _request(host, port))
            answer = b""
            while not answer.endswith(b"\r\n\r\n"):
                answer = _longer(answer, await self.sock_recv(sock, 1))
            _check(answer)
        except BaseException:
            sock.close()
            raise
        if options.get("ssl"):
            options.setdefault("server_hostname", host)
        for name in _OF_THE_CONNECTION:
            options.pop(name, None)
        return await create_connection(self, protocol_factory, sock=sock, **options)

    return wrapped


# asyncio takes these for an address only, and refuses some beside a socket.
_OF_THE_CONNECTION = (
    "sock",
    "family",
    "proto",
    "flags",
    "local_addr",
    "happy_eyeballs_delay",
    "interleave",
    "all_errors",
)


def _proxy_for(host, port):
    """The proxy's address; None for the proxy itself, exempt ports and hosts, and what is no address."""
    url = os.environ.get("HTTP_PROXY", "")
    if not url.startswith("http://") or "@" in url:
        return None
    name, _, proxy_port = url[7:].rstrip("/").rpartition(":")
    proxy = (name.strip("[]"), int(proxy_port))
    try:
        port = int(port)
    except (TypeError, ValueError):
        return None
    if not isinstance(host, str) or not host or "%" in host:
        return None
    is_loopback = host in ("localhost", "::1") or host.startswith("127.")
    if port == proxy[1] and (host == proxy[0] or is_loopback):
        return None
    # The proxy grants every tunnel, and a program that waits for a server would not wait.
    # Where the proxy answers in the place of servers, there may be none.
    answered = os.environ.get("PMPROXY_ANSWERED_PORTS", "").split(",")
    if is_loopback and str(port) not in answered and not _is_listened_to(port):
        return None
    own = os.environ.get("PMPROXY_DIRECT_PORTS", "").replace(",", " ").split()
    if port in _USUALLY_DIRECT or str(port) in own or _is_exempt(host):
        return None
    return proxy


def _is_listened_to(port):
    """Whether somebody listens on a port of this machine; true as well where the system does not say."""
    end = ":%04X" % port
    is_known = False
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as lines:
                # Column 2 is the local address, column 4 the state: 0A listens (the kernel's proc_net_tcp).
                rows = [line.split() for line in lines]
        except OSError:
            continue
        is_known = True
        if any(len(row) > 3 and row[3] == "0A" and row[1].endswith(end) for row in rows):
            return True
    return not is_known


def _is_exempt(host):
    # pmproxy empties the variable; whoever fills it again means it.
    names = os.environ.get("NO_PROXY", "").replace(",", " ").split()
    suffixes = [name.lstrip("*").lstrip(".") for name in names]
    return any(not suffix or host == suffix or host.endswith("." + suffix) for suffix in suffixes)


def _request(host, port):
    name = host.encode("idna").decode("ascii") if ":" not in host else "[%s]" % host
    return ("CONNECT %s:%d HTTP/1.1\r\nHost: %s:%d\r\n\r\n" % (name, int(port), name, int(port))).encode("ascii")


def _longer(answer, more):
    if not more or len(answer) > 65536:
        raise ConnectionRefusedError("The proxy closed the connection")
    return answer + more


def _check(answer):
    status = answer.split(b"\r\n")[0]
    if status.split(b" ")[1:2] != [b"200"]:
        raise ConnectionRefusedError("The proxy answered %s" % status.decode("latin-1"))
