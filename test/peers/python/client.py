import base64
import json
import os
import queue
import time

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from grpc_status import rpc_status


def connect(scheme, host):
    options = [("grpc.max_receive_message_length", -1)]
    if scheme == "http":
        return grpc.insecure_channel(host, options)
    roots = None
    if "PEER_CA" in os.environ:
        with open(os.environ["PEER_CA"], "rb") as file:
            roots = file.read()
    return grpc.secure_channel(host, grpc.ssl_channel_credentials(roots), options)


def call(address):
    """Makes every kind of call to <scheme>://<host>:<port>/<characters of a large message>; prints the results as JSON."""
    scheme, rest = address.split("://")
    host, large = rest.split("/")
    with connect(scheme, host) as channel:
        types = (StringValue.SerializeToString, StringValue.FromString)
        unary = channel.unary_unary("/peers.v1.Echo/Unary", *types)
        down = channel.unary_stream("/peers.v1.Echo/Down", *types)
        up = channel.stream_unary("/peers.v1.Echo/Up", *types)
        both = channel.stream_stream("/peers.v1.Echo/Both", *types)
        numbers = [int(answer.value) for answer in down(StringValue(value="2000"))]
        gzip = grpc.Compression.Gzip
        seen = {
            "unary": metadata(unary),
            "error": failure(unary),
            "down": [len(numbers), sum(numbers)],
            "up": up(StringValue(value=str(i)) for i in range(5)).value,
            "both": in_turn(both),
            "large": same(unary, "x" * int(large)),
            "gzip": same(unary, "compressible " * 10_000, compression=gzip),
            "broken": broken(unary, down),
        }
        print(json.dumps(seen), flush=True)


def metadata(unary):
    given = [("some-bin", bytes([0, 1, 2, 255])), ("some-bin", b"plain")]
    answer, answered = unary.with_call(StringValue(value="hello ä"), metadata=given)
    binary = [value for key, value in answered.initial_metadata() if key == "some-bin"]
    return {
        "message": answer.value,
        "binary": [base64.b64encode(value).decode() for value in binary],
        "length": dict(answered.trailing_metadata())["x-length"],
    }


def code_of(error):
    return error.code().value[0]


def failure(unary):
    try:
        unary(StringValue(value="nobody"), metadata=[("fail", "5")])
    except grpc.RpcError as error:
        details = []
        for detail in rpc_status.from_call(error).details:
            value = StringValue()
            detail.Unpack(value)
            details.append(value.value)
        return {"code": code_of(error), "message": error.details(), "details": details}


def in_turn(both):
    requests = queue.Queue()
    stream = both(iter(requests.get, None))
    answers = []
    for i in range(3):
        requests.put(StringValue(value=f"ping {i}"))
        answers.append(next(stream).value)
    requests.put(None)
    return answers + [answer.value for answer in stream]


def same(unary, value, **options):
    """Tells whether a message comes back as it was sent."""
    return unary(StringValue(value=value), **options).value == value


def broken(unary, down):
    """Lets one call time out and cancels another, which the server notices."""
    has = unary(StringValue(value="deadline"), timeout=3600).value
    codes = []
    try:
        for _ in down(StringValue(value="late"), timeout=0.3):
            pass
    except grpc.RpcError as error:
        codes.append(code_of(error))

    def cancellations():
        return unary(StringValue(value="cancellations")).value

    before = cancellations()
    answers = down(StringValue(value="cancel"))
    next(answers)
    answers.cancel()
    try:
        next(answers)
    except grpc.RpcError as error:
        codes.append(code_of(error))
    while cancellations() == before:
        time.sleep(0.01)
    return {"deadline": has, "codes": codes}
