import com.google.gson.Gson;
import com.google.protobuf.Any;
import com.google.protobuf.StringValue;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

final class EchoClient {
  private final Channel channel;

  private EchoClient(Channel channel) {
    this.channel = channel;
  }

  /**
   * Makes every kind of call to {@code <scheme>://<host>:<port>/<characters of a large message>}, and prints what came of
   * them as JSON.
   */
  static void call(String address) throws Exception {
    String[] parts = address.split("://|/");
    var builder = NettyChannelBuilder.forTarget(parts[1]).maxInboundMessageSize(1 << 26);
    String authority = System.getenv("PEER_CA");
    if (parts[0].equals("http")) {
      builder.usePlaintext();
    } else if (authority != null) {
      builder.sslContext(GrpcSslContexts.forClient().trustManager(new File(authority)).build());
    }
    ManagedChannel channel = builder.build();
    EchoClient client = new EchoClient(channel);
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("unary", client.metadata());
    seen.put("error", client.failure());
    seen.put("down", client.down());
    seen.put("up", client.up());
    seen.put("both", client.both());
    seen.put("large", client.same("x".repeat(Integer.parseInt(parts[2])), CallOptions.DEFAULT));
    seen.put("gzip", client.same("compressible ".repeat(10_000), CallOptions.DEFAULT.withCompression("gzip")));
    seen.put("broken", client.broken());
    new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)
        .println(new Gson().toJson(seen));
    channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
  }

  private String unary(String value, CallOptions options) {
    return ClientCalls.blockingUnaryCall(channel, Peer.UNARY, options, Peer.message(value)).getValue();
  }

  /** A client whose calls carry metadata. */
  private EchoClient with(Metadata metadata) {
    return new EchoClient(
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(metadata)));
  }

  private Object metadata() {
    Metadata given = new Metadata();
    given.put(Peer.BINARY, new byte[] {0, 1, 2, (byte) 255});
    given.put(Peer.BINARY, "plain".getBytes());
    var head = new AtomicReference<Metadata>();
    var trailers = new AtomicReference<Metadata>();
    var watched = ClientInterceptors.intercept(
        channel, MetadataUtils.newCaptureMetadataInterceptor(head, trailers));
    String message = new EchoClient(watched).with(given).unary("hello ä", CallOptions.DEFAULT);
    List<String> binary = new ArrayList<>();
    head.get().getAll(Peer.BINARY).forEach(value -> binary.add(Base64.getEncoder().encodeToString(value)));
    return Map.of("message", message, "binary", binary, "length", trailers.get().get(Peer.LENGTH));
  }

  private Object failure() throws Exception {
    Metadata given = new Metadata();
    given.put(Peer.FAIL, "5");
    try {
      return with(given).unary("nobody", CallOptions.DEFAULT);
    } catch (StatusRuntimeException error) {
      List<String> details = new ArrayList<>();
      for (Any detail : StatusProto.fromThrowable(error).getDetailsList()) {
        details.add(detail.unpack(StringValue.class).getValue());
      }
      var status = error.getStatus();
      return Map.of("code", status.getCode().value(), "message", status.getDescription(), "details", details);
    }
  }

  private Iterator<StringValue> ask(String value, CallOptions options) {
    return ClientCalls.blockingServerStreamingCall(channel, Peer.DOWN, options, Peer.message(value));
  }

  private Object down() {
    int count = 0;
    int sum = 0;
    var answers = ask("2000", CallOptions.DEFAULT);
    while (answers.hasNext()) {
      sum += Integer.parseInt(answers.next().getValue());
      count++;
    }
    return List.of(count, sum);
  }

  private Object up() throws Exception {
    Turns turns = new Turns();
    ClientCalls.asyncClientStreamingCall(channel.newCall(Peer.UP, CallOptions.DEFAULT), turns);
    for (int i = 0; i < 5; i++) {
      turns.requests.onNext(Peer.message(String.valueOf(i)));
    }
    turns.requests.onCompleted();
    return turns.next();
  }

  private Object both() throws Exception {
    Turns turns = new Turns();
    ClientCalls.asyncBidiStreamingCall(channel.newCall(Peer.BOTH, CallOptions.DEFAULT), turns);
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      turns.requests.onNext(Peer.message("ping " + i));
      answers.add(turns.next());
    }
    turns.requests.onCompleted();
    if (!turns.next().equals(Turns.END)) {
      throw new IllegalStateException("More came.");
    }
    return answers;
  }

  /** Tells whether a message comes back as it was sent. */
  private Object same(String value, CallOptions options) {
    return unary(value, options).equals(value);
  }

  /** Lets one call time out and cancels another, which the server notices. */
  private Object broken() throws Exception {
    List<Integer> codes = new ArrayList<>();
    String has = unary("deadline", CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.HOURS));
    try {
      ask("late", CallOptions.DEFAULT.withDeadlineAfter(300, TimeUnit.MILLISECONDS)).forEachRemaining(answer -> {});
    } catch (StatusRuntimeException error) {
      codes.add(error.getStatus().getCode().value());
    }
    String before = unary("cancellations", CallOptions.DEFAULT);
    Context.CancellableContext given = Context.current().withCancellation();
    try {
      var answers = given.call(() -> ask("cancel", CallOptions.DEFAULT));
      answers.next();
      given.cancel(null);
      answers.next();
    } catch (StatusRuntimeException error) {
      codes.add(error.getStatus().getCode().value());
    }
    while (unary("cancellations", CallOptions.DEFAULT).equals(before)) {
      Thread.sleep(10);
    }
    return Map.of("deadline", has, "codes", codes);
  }

  /** The answers of a stream, to be taken one by one. */
  private static final class Turns implements ClientResponseObserver<StringValue, StringValue> {
    static final String END = "the end";
    private final LinkedBlockingQueue<Object> answers = new LinkedBlockingQueue<>();
    ClientCallStreamObserver<StringValue> requests;

    @Override
    public void beforeStart(ClientCallStreamObserver<StringValue> stream) {
      requests = stream;
    }

    @Override
    public void onNext(StringValue answer) {
      answers.add(answer.getValue());
    }

    @Override
    public void onError(Throwable error) {
      answers.add(error);
    }

    @Override
    public void onCompleted() {
      answers.add(END);
    }

    String next() throws InterruptedException {
      Object answer = answers.take();
      if (answer instanceof RuntimeException) {
        throw (RuntimeException) answer;
      }
      return (String) answer;
    }
  }
}
