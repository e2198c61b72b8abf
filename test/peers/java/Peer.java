import com.google.protobuf.StringValue;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import java.util.Arrays;

/** The gRPC peer in Java: {@code Peer serve <certificate> <key>}, or {@code Peer call <address>…} (see ../echo.proto). */
final class Peer {
  static final String SERVICE = "peers.v1.Echo";
  static final MethodDescriptor<StringValue, StringValue> UNARY = method("Unary", MethodType.UNARY);
  static final MethodDescriptor<StringValue, StringValue> DOWN = method("Down", MethodType.SERVER_STREAMING);
  static final MethodDescriptor<StringValue, StringValue> UP = method("Up", MethodType.CLIENT_STREAMING);
  static final MethodDescriptor<StringValue, StringValue> BOTH = method("Both", MethodType.BIDI_STREAMING);

  static final Metadata.Key<byte[]> BINARY = Metadata.Key.of("some-bin", Metadata.BINARY_BYTE_MARSHALLER);
  static final Metadata.Key<String> FAIL = text("fail");
  static final Metadata.Key<String> LENGTH = text("x-length");

  private static Metadata.Key<String> text(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static MethodDescriptor<StringValue, StringValue> method(String name, MethodType type) {
    var text = ProtoUtils.marshaller(StringValue.getDefaultInstance());
    return MethodDescriptor.newBuilder(text, text)
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .build();
  }

  static StringValue message(String text) {
    return StringValue.of(text);
  }

  public static void main(String[] args) throws Exception {
    if (args[0].equals("serve")) {
      EchoServer.serve(args[1], args[2]);
      return;
    }
    for (String address : Arrays.copyOfRange(args, 1, args.length)) {
      EchoClient.call(address);
    }
    System.exit(0);
  }
}
