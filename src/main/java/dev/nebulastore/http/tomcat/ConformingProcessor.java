package dev.nebulastore.http.tomcat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.util.Arrays;
import org.apache.coyote.Adapter;
import org.apache.coyote.ErrorState;
import org.apache.coyote.Request;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.buf.ByteChunk;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/**
 * Tomcat's processor of requests, where it is stricter than HTTP: it accepts each host that {@link
 * RequestedHost} does, and keeps connections as {@link KeptConnection} says.
 *
 * <p>Threads: confined to the connection's, as Tomcat's own.
 */
final class ConformingProcessor extends Http11Processor {

  /** The request whose head this thread parses. */
  private static final ScopedValue<Request> PARSED = ScopedValue.newInstance();

  private final Http11NioProtocol protocol;

  ConformingProcessor(Http11NioProtocol protocol, Adapter adapter) {
    super(protocol, adapter);
    this.protocol = protocol;
  }

  /** Called by the protocol when a head was parsed, and before Tomcat examines it. */
  static void headParsed() {
    if (PARSED.isBound()) {
      KeptConnection.begin(PARSED.get());
      RequestedHost.settle(PARSED.get());
    }
  }

  @Override
  public SocketState service(SocketWrapperBase<?> connection) throws IOException {
    return ScopedValue.where(PARSED, request).call(() -> super.service(connection));
  }

  /** Passes the host on, which is valid or a stand-in. Tomcat's parser would refuse some. */
  @Override
  protected void parseHost(@Nullable MessageBytes value) {
    if (value == null || value.isNull() || value.getLength() == 0) {
      super.parseHost(value);
    } else {
      ByteChunk chunk = value.getByteChunk();
      byte[] bytes = chunk.getBuffer();
      int end = HostHeader.endOfName(bytes, chunk.getStart(), chunk.getEnd());
      byte[] name = Arrays.copyOfRange(bytes, chunk.getStart(), end);
      request.serverName().setString(new String(name, ISO_8859_1));
      request.setServerPort(HostHeader.port(bytes, end, chunk.getEnd()));
    }
    matchCertificate();
  }

  /** Tomcat would refuse it, too, but would not say why. */
  private void matchCertificate() {
    String expected = socketWrapper.getSniHostName();
    if (!protocol.checkSni(expected, request.serverName().toString())) {
      if (RequestedHost.fault(request) == null) {
        RequestedHost.refuse(
            request, "The request names another host than the TLS handshake of its connection.");
      }
      if (expected == null) {
        request.serverName().recycle();
      } else {
        request.serverName().setString(expected);
      }
    }
  }

  @Override
  protected void setErrorState(ErrorState state, @Nullable Throwable failure) {
    boolean onlyForItsStatus = state == ErrorState.CLOSE_CLEAN && failure == null;
    if (!onlyForItsStatus || !KeptConnection.isKept(request)) {
      super.setErrorState(state, failure);
    }
  }
}
