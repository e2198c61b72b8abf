import json
import sys
import threading
from concurrent import futures

import grpc
from google.protobuf.any_pb2 import Any
from google.protobuf.wrappers_pb2 import StringValue
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

cancellations = 0


def unary(request, context):
    asked = context.invocation_metadata()
    for key, value in asked:
        if key == "fail":
            detail = Any()
            detail.Pack(StringValue(value="why"))
            failure = Status(code=int(value), message="no: 100 % ä", details=[detail])
            context.abort_with_status(rpc_status.to_status(failure))
    context.send_initial_metadata([(key, value) for key, value in asked if key == "some-bin"])
    if request.value == "deadline":
        # Without a deadline, some versions say that there are many years left.
        left = context.time_remaining()
        return StringValue(value="true" if left is not None and left < 1e6 else "false")
    if request.value == "cancellations":
        return StringValue(value=str(cancellations))
    context.set_trailing_metadata([("x-length", str(len(request.value.encode())))])
    return request


def down(request, context):
    if not request.value.isdigit():
        yield from wait(request, context)
        return
    for number in range(int(request.value)):
        yield StringValue(value=str(number))


def wait(request, context):
    over = threading.Event()

    def end():
        global cancellations
        if request.value == "cancel":
            cancellations += 1
        over.set()

    context.add_callback(end)
    yield request
    over.wait()


def up(requests, _):
    return StringValue(value=",".join(request.value for request in requests))


def both(requests, _):
    yield from requests


def serve(certificate, key):
    """Serves in clear text and over TLS, and prints both ports."""
    types = {
        "request_deserializer": StringValue.FromString,
        "response_serializer": StringValue.SerializeToString,
    }
    methods = {
        "Unary": grpc.unary_unary_rpc_method_handler(unary, **types),
        "Down": grpc.unary_stream_rpc_method_handler(down, **types),
        "Up": grpc.stream_unary_rpc_method_handler(up, **types),
        "Both": grpc.stream_stream_rpc_method_handler(both, **types),
    }
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=20),
        handlers=[grpc.method_handlers_generic_handler("peers.v1.Echo", methods)],
        options=[("grpc.max_receive_message_length", -1)],
    )
    with open(key, "rb") as key_file, open(certificate, "rb") as certificate_file:
        pair = (key_file.read(), certificate_file.read())
    clear = server.add_insecure_port("127.0.0.1:0")
    tls = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
    server.start()
    print(json.dumps({"clear": clear, "tls": tls}), flush=True)
    # The parent ends this program by closing its input.
    sys.stdin.read()
    server.stop(None)
