"""Changes modules right after their import, so that a program which never imports them pays nothing."""
import sys


def watch():
    for name in [name for name in _CHANGES if name in sys.modules]:
        _change(sys.modules[name])
    if _CHANGES:
        sys.meta_path.insert(0, _Watcher())


class _Watcher(object):
    """Stands ahead of the finders that find modules; looks at the names, and finds none itself."""

    def find_spec(self, name, path=None, target=None):
        if name not in _CHANGES:
            return None
        sys.meta_path.remove(self)
        try:
            from importlib.util import find_spec

            spec = find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        if spec is None or not hasattr(spec.loader, "exec_module"):
            return spec
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            _change(module)

        spec.loader.exec_module = exec_module
        return spec


def _change(module):
    change = _CHANGES.pop(module.__name__, None)
    try:
        if change is not None:
            change(module)
    except Exception:
        # A program without recording is better than one that does not run.
        pass


def _sockets(module):
    """http.client, httpcore, websockets and websocket-client connect with this function."""
    import pmproxy_tunnel

    module.create_connection = pmproxy_tunnel.through_proxy(module.create_connection)


def _event_loop(module):
    """asyncio's own streams, websockets, anyio."""
    import pmproxy_tunnel

    loop = module.BaseEventLoop
    loop.create_connection = pmproxy_tunnel.through_proxy_async(loop.create_connection)


def _trust(module):
    """A program that names its own authorities trusts nobody else, not even those of SSL_CERT_FILE."""
    import os

    ours = os.environ.get("PMPROXY_CA")
    context = module.SSLContext
    load = context.load_verify_locations

    def load_verify_locations(self, *args, **options):
        load(self, *args, **options)
        if ours and self.protocol != module.PROTOCOL_TLS_SERVER:
            load(self, cafile=ours)

    context.load_verify_locations = load_verify_locations


def _aiohttp(module):
    """Reads the variables when it is asked to."""
    session = module.ClientSession
    start = session.__init__

    def __init__(self, *args, **options):
        options.setdefault("trust_env", True)
        start(self, *args, **options)

    session.__init__ = __init__


_CHANGES = {
    "socket": _sockets,
    "ssl": _trust,
    "urllib3.util.connection": _sockets,
    "asyncio.base_events": _event_loop,
    "aiohttp.client": _aiohttp,
}
