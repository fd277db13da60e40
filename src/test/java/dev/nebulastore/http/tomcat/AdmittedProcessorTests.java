package dev.nebulastore.http.tomcat;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.http.Admission;
import dev.nebulastore.http.ReservedHead;
import dev.nebulastore.http.TimeSlice;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.coyote.InputBuffer;
import org.apache.coyote.Processor;
import org.apache.coyote.Request;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint.NioSocketWrapper;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.junit.jupiter.api.Test;

/** Requests that are evicted, with a simulated processor of Tomcat. */
class AdmittedProcessorTests {

  /** What Tomcat does with a request. */
  private interface Service {
    void serve() throws IOException;
  }

  /** As Tomcat's, contains the heads of requests. */
  private final class Input implements InputBuffer, ApplicationBufferHandler {
    @Override
    public int doRead(ApplicationBufferHandler handler) {
      whileBodyIsAwaited.run();
      return 0;
    }

    @Override
    public int available() {
      return 0;
    }

    @Override
    public void setByteBuffer(ByteBuffer buffer) {}

    @Override
    public ByteBuffer getByteBuffer() {
      return heads;
    }

    @Override
    public void expand(int size) {}
  }

  private final Admission admission =
      new Admission(10, 100, Duration.ofMinutes(1), System::nanoTime);
  private final BoundedEndpoint endpoint = new BoundedEndpoint();
  private final Queue<Runnable> closing = new ArrayDeque<>();
  private final Request request = new Request();
  private final ByteBuffer heads = ByteBuffer.allocate(16);
  private final SocketBufferHandler buffers = new SocketBufferHandler(16, 16, false);
  private Runnable whileBodyIsAwaited = () -> {};
  private Service service = () -> {};
  private final AdmittedProcessor processor = processor();

  private AdmittedProcessor processor() {
    request.setInputBuffer(new Input());
    return new AdmittedProcessor(
        this::tomcat,
        admission,
        endpoint,
        new PreparedAnswers(new byte[0], new byte[0], new byte[0], new byte[0], new byte[0]),
        new ClientPoller(),
        ReservedHead.NONE,
        new TimeSlice(),
        closing::add);
  }

  private Processor tomcat() {
    return (Processor)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Processor.class},
            (_, method, _) ->
                switch (method.getName()) {
                  case "getRequest" -> request;
                  case "isAsync" -> false;
                  case "process" -> {
                    service.serve();
                    yield SocketState.CLOSED;
                  }
                  default -> null;
                });
  }

  private void serve(Service by) throws IOException {
    service = by;
    NioChannel channel = new NioChannel(buffers);
    try (SocketChannel socket = SocketChannel.open()) {
      SocketWrapperBase<NioChannel> connection = new NioSocketWrapper(channel, endpoint);
      channel.reset(socket, (NioSocketWrapper) connection);
      try {
        processor.process(connection, SocketEvent.OPEN_READ);
      } catch (IOException e) {
        // It was evicted.
      } finally {
        processor.recycle();
      }
    }
  }

  /** On a virtual thread, so that closing the connection is left to the closer. */
  private void evict() {
    try {
      Thread.ofVirtual().start(admission::evictSlowSender).join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void awaitBody() throws IOException {
    int read = processor.getRequest().getInputBuffer().doRead(null);
    assertThat(read).isEqualTo(0);
  }

  @Test
  void slowSendersAreInterrupted() throws IOException {
    boolean[] interrupted = {false};
    whileBodyIsAwaited =
        () -> {
          evict();
          closing.remove().run();
          interrupted[0] = Thread.interrupted();
        };
    serve(this::awaitBody);
    assertThat(interrupted[0]).isTrue();
  }

  @Test
  void nextRequestOfTheProcessorIsNotInterrupted() throws IOException {
    whileBodyIsAwaited = this::evict;
    serve(this::awaitBody);
    assertThat(closing).hasSize(1);
    boolean[] interrupted = {true};
    serve(() -> {
      closing.remove().run();
      interrupted[0] = Thread.interrupted();
    });
    assertThat(interrupted[0]).isFalse();
  }

  /** Bytes that Tomcat has read: it sets the positions back, and keeps them. */
  private static void fill(ByteBuffer buffer) {
    buffer.clear().put("a token".getBytes(US_ASCII)).position(0).limit(0);
  }

  @Test
  void servedRequestsLeaveNoBytesBehind() throws IOException {
    serve(() -> {
      fill(heads);
      buffers.configureReadBufferForRead();
      fill(buffers.getReadBuffer());
    });
    assertThat(heads.array()).containsOnly(0);
    assertThat(buffers.getReadBuffer().array()).containsOnly(0);
  }

  @Test
  void bytesOfTheNextRequestRemain() throws IOException {
    serve(() -> buffers.unReadReadBuffer(ByteBuffer.wrap("next".getBytes(US_ASCII))));
    assertThat(buffers.isReadBufferEmpty()).isFalse();
    assertThat(buffers.getReadBuffer().array()).startsWith("next".getBytes(US_ASCII));
  }
}
