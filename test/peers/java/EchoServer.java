import com.google.protobuf.Any;
import com.google.protobuf.StringValue;
import com.google.rpc.Status;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.File;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

final class EchoServer {
  private static final Context.Key<Metadata> ASKED = Context.key("asked");
  private static final Context.Key<Metadata> TRAILERS = Context.key("trailers");
  private static final AtomicInteger cancellations = new AtomicInteger();

  private static void unary(StringValue request, StreamObserver<StringValue> answer) {
    Metadata asked = ASKED.get();
    String code = asked.get(Peer.FAIL);
    if (code != null) {
      var failure = Status.newBuilder()
          .setCode(Integer.parseInt(code))
          .setMessage("no: 100 % ä")
          .addDetails(Any.pack(Peer.message("why")));
      answer.onError(StatusProto.toStatusRuntimeException(failure.build()));
    } else {
      String text = request.getValue();
      TRAILERS.get().put(Peer.LENGTH, String.valueOf(request.getValueBytes().size()));
      if (text.equals("deadline")) {
        text = String.valueOf(Context.current().getDeadline() != null);
      } else if (text.equals("cancellations")) {
        text = String.valueOf(cancellations.get());
      }
      answer.onNext(Peer.message(text));
      answer.onCompleted();
    }
  }

  private static void down(StringValue request, StreamObserver<StringValue> answers) {
    String word = request.getValue();
    if (!word.matches("\\d+")) {
      if (word.equals("cancel")) {
        ((ServerCallStreamObserver<StringValue>) answers).setOnCancelHandler(cancellations::incrementAndGet);
      }
      answers.onNext(request);
      return;
    }
    int count = Integer.parseInt(word);
    for (int i = 0; i < count; i++) {
      answers.onNext(Peer.message(String.valueOf(i)));
    }
    answers.onCompleted();
  }

  private static StreamObserver<StringValue> up(StreamObserver<StringValue> answer) {
    List<StringValue> parts = new ArrayList<>();
    return new StreamObserver<>() {
      @Override
      public void onNext(StringValue part) {
        parts.add(part);
      }

      @Override
      public void onError(Throwable error) {}

      @Override
      public void onCompleted() {
        String joined = parts.stream().map(StringValue::getValue).collect(Collectors.joining(","));
        answer.onNext(Peer.message(joined));
        answer.onCompleted();
      }
    };
  }

  private static StreamObserver<StringValue> both(StreamObserver<StringValue> answers) {
    return new StreamObserver<>() {
      @Override
      public void onNext(StringValue part) {
        answers.onNext(part);
      }

      @Override
      public void onError(Throwable error) {}

      @Override
      public void onCompleted() {
        answers.onCompleted();
      }
    };
  }

  /** Gives the metadata of a call to its method, echoes the binary values, and compresses like the client. */
  private static final class Headers implements ServerInterceptor {
    @Override
    public <Q, A> Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata asked, ServerCallHandler<Q, A> next) {
      Metadata trailers = new Metadata();
      var answered = new io.grpc.ForwardingServerCall.SimpleForwardingServerCall<Q, A>(call) {
        @Override
        public void sendHeaders(Metadata head) {
          Iterable<byte[]> values = asked.getAll(Peer.BINARY);
          if (values != null) {
            values.forEach(value -> head.put(Peer.BINARY, value));
          }
          super.sendHeaders(head);
        }

        @Override
        public void close(io.grpc.Status status, Metadata last) {
          last.merge(trailers);
          super.close(status, last);
        }
      };
      Context context = Context.current().withValues(ASKED, asked, TRAILERS, trailers);
      return Contexts.interceptCall(context, answered, asked, next);
    }
  }

  private static Server listen(ServerBuilder<?> builder) throws Exception {
    var service = ServerServiceDefinition.builder(Peer.SERVICE)
        .addMethod(Peer.UNARY, ServerCalls.asyncUnaryCall(EchoServer::unary))
        .addMethod(Peer.DOWN, ServerCalls.asyncServerStreamingCall(EchoServer::down))
        .addMethod(Peer.UP, ServerCalls.asyncClientStreamingCall(EchoServer::up))
        .addMethod(Peer.BOTH, ServerCalls.asyncBidiStreamingCall(EchoServer::both))
        .build();
    return builder.addService(service).intercept(new Headers()).maxInboundMessageSize(1 << 26).build().start();
  }

  /** Serves in clear text and over TLS, and prints both ports. */
  static void serve(String certificate, String key) throws Exception {
    var address = new InetSocketAddress("127.0.0.1", 0);
    Server clear = listen(NettyServerBuilder.forAddress(address));
    Server tls = listen(
        NettyServerBuilder.forAddress(address).useTransportSecurity(new File(certificate), new File(key)));
    System.out.printf("{\"clear\": %d, \"tls\": %d}%n", clear.getPort(), tls.getPort());
    // The parent ends this program by closing its input.
    System.in.transferTo(java.io.OutputStream.nullOutputStream());
    System.exit(0);
  }
}
