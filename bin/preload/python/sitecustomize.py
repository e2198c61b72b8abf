# Loaded by Python at its start, since PYTHONPATH names this folder: sends through the proxy what libraries connect to
# without a look at the variables. Runs on any Python 3, is nothing to others, and must never be in a program's way.
import sys


def _load_next():
    """Python loads the first module of this name; the one that this folder hides is loaded from here."""
    import os
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
    try:
        import pmproxy_imports

        pmproxy_imports.watch()
    except Exception:
        pass
    _load_next()
