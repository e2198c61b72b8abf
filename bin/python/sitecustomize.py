# Loaded by Python at its start, since PYTHONPATH names this folder: lets aiohttp heed the proxy variables, as requests
# and httpx do without being asked. Runs on any Python 3, is nothing to others, and must never be in a program's way.
import os
import sys


def _heed_environment(module):
    session = module.ClientSession
    start = session.__init__

    def __init__(self, *args, **options):
        options.setdefault("trust_env", True)
        start(self, *args, **options)

    session.__init__ = __init__


class _Watcher(object):
    """Tells of the import of aiohttp's client, and leaves."""

    def find_spec(self, name, path=None, target=None):
        if name != "aiohttp.client":
            return None
        sys.meta_path.remove(self)
        from importlib.util import find_spec

        spec = find_spec(name)
        if spec is None or not hasattr(spec.loader, "exec_module"):
            return spec
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            try:
                _heed_environment(module)
            except Exception:
                pass

        spec.loader.exec_module = exec_module
        return spec


def _load_next():
    """Python loads the first module of this name; the one that this folder hides is loaded from here."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    here = os.path.dirname(os.path.abspath(__file__))
    others = [path for path in sys.path if os.path.abspath(path or ".") != here]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if sys.version_info >= (3, 5):
    sys.meta_path.insert(0, _Watcher())
    _load_next()
