"""The gRPC peer in Python: `peer.py serve <certificate> <key>`, or `peer.py call <address>…` (see ../echo.proto)."""

import sys

from client import call
from server import serve

if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], sys.argv[3])
    else:
        for address in sys.argv[2:]:
            call(address)
