/** The gRPC service of the bench: its messages are bytes, so that neither side needs a .proto file. */

const same = (bytes) => bytes;
const serializers = {
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
};

/** @type {import('@grpc/grpc-js').ServiceDefinition} */
export const service = {
  unary: {
    path: '/bench.Bench/Unary',
    requestStream: false,
    responseStream: false,
    ...serializers,
  },
  watch: { path: '/bench.Bench/Watch', requestStream: false, responseStream: true, ...serializers },
};

/** The messages of one `watch`. */
export const watched = 5;

/** Answers `unary` with the request, and `watch` with the request several times. */
export const implementation = {
  unary: ({ request }, answer) => answer(null, request),
  watch: (call) => {
    for (let message = 0; message < watched; message++) call.write(call.request);
    call.end();
  },
};
