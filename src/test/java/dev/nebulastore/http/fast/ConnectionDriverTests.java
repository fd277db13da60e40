package dev.nebulastore.http.fast;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.http.Admission;
import dev.nebulastore.http.Peer;
import dev.nebulastore.http.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** More requests than permits, without an event loop and without a clock. */
class ConnectionDriverTests {

  private static final int PERMITS = 2;
  private static final String REQUEST = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n";

  private static final class Host implements FastPathHost {
    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public int keepAliveTimeout() {
      return 0;
    }

    @Override
    public int connectionTimeout() {
      return 0;
    }

    @Override
    public boolean isHost(byte[] value) {
      return true;
    }

    @Override
    public String date() {
      return "now";
    }
  }

  /** Sends its response when the test says so. */
  private final class Service implements FastHandler {
    private boolean answers;

    @Override
    public boolean serves(byte[] bytes, int from, int length) {
      return true;
    }

    @Override
    public Exchange prepare(FastRequest request) {
      return new Exchange() {
        @Override
        public void isFrom(Peer peer) {}

        @Override
        public boolean hasRoom(int size) {
          return true;
        }

        @Override
        public void refuse() {}

        @Override
        public void cutShort() {}

        @Override
        public void begin(byte[] body, Runnable told, Executor wakeUps) {}

        @Override
        public boolean answer(Reply answer) throws IOException {
          if (answers) {
            answer.status(200);
            answered++;
          }
          return answers;
        }

        @Override
        public void close() {}
      };
    }
  }

  private static void isWiped(ByteBuffer buffer) {
    assertThat(buffer.duplicate().clear()).isEqualTo(ByteBuffer.allocate(buffer.capacity()));
  }

  private record Socket(SocketChannel channel, List<String> givenBack, List<ByteBuffer> readInto)
      implements FastConnection.Transport {
    @Override
    public int read(ByteBuffer target) throws IOException {
      readInto.add(target);
      return channel.read(target);
    }

    @Override
    public boolean isClosed() {
      return !channel.isOpen();
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void giveBack(FastConnection connection, ByteBuffer unread) {
      givenBack.add(ISO_8859_1.decode(unread).toString());
    }
  }

  private final Admission admission =
      new Admission(PERMITS, 100, Duration.ofMinutes(1), System::nanoTime);
  private final Service service = new Service();
  private final ConnectionDriver driver = new ConnectionDriver(new Host(), service, admission);
  private final List<String> givenBack = new ArrayList<>();
  private final List<ByteBuffer> readInto = new ArrayList<>();
  private final List<SocketChannel> clients = new ArrayList<>();
  private final List<FastConnection> connections = new ArrayList<>();
  private int answered;
  private final Selector selector;
  private final ServerSocketChannel listener;

  ConnectionDriverTests() throws IOException {
    selector = Selector.open();
    listener =
        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  @BeforeEach
  void sendMoreThanThereArePermits() throws IOException {
    for (int i = 0; i < PERMITS + 2; i++) {
      SocketChannel client = SocketChannel.open(listener.getLocalAddress());
      client.write(ByteBuffer.wrap(REQUEST.getBytes(ISO_8859_1)));
      clients.add(client);
      SocketChannel channel = listener.accept();
      channel.configureBlocking(false);
      FastConnection connection =
          new FastConnection(
              new Socket(channel, givenBack, readInto),
              new FastConnection.Owner() {
                @Override
                public void adopt(FastConnection adopted) {}

                @Override
                public void look(FastConnection looked) {}
              });
      connections.add(connection);
      connection.goesToLoop();
      driver.attempt(connection, adopted -> driver.register(adopted, selector));
    }
  }

  @AfterEach
  void close() throws IOException {
    for (FastConnection connection : connections) {
      connection.transport().close();
    }
    for (SocketChannel client : clients) {
      client.close();
    }
    listener.close();
    selector.close();
  }

  private void answerAll() {
    service.answers = true;
    connections.forEach(connection -> driver.attempt(connection, driver::lookAt));
  }

  @Test
  void requestsWaitForPermitsOfThoseInFlight() {
    driver.resume();
    assertThat(admission.requests()).isEqualTo(PERMITS);
    answerAll();
    driver.resume();
    assertThat(answered).isEqualTo(PERMITS + 2);
    assertThat(givenBack).isEmpty();
    assertThat(admission.requests()).isZero();
  }

  @Test
  void requestsGoToTomcatIfNoPermitIsGivenBack() {
    driver.isNow(ConnectionDriver.PATIENCE);
    driver.resume();
    assertThat(givenBack).isEmpty();
    driver.isNow(ConnectionDriver.PATIENCE + 1);
    driver.resume();
    assertThat(givenBack).containsExactly(REQUEST, REQUEST);
  }

  /** A long queue that makes progress is not an overload. */
  @Test
  void requestsWaitWhilePermitsAreGivenBack() {
    driver.isNow(ConnectionDriver.PATIENCE);
    connections.getFirst().transport().close();
    driver.attempt(connections.getFirst(), driver::drop);
    driver.resume();
    driver.isNow(2 * ConnectionDriver.PATIENCE);
    driver.resume();
    assertThat(admission.requests()).isEqualTo(PERMITS);
    assertThat(givenBack).isEmpty();
  }

  /** Only this loop's own requests are certain to end soon. */
  @Test
  void requestsDoNotWaitForTomcat() throws IOException {
    answerAll();
    driver.resume();
    assertThat(admission.enter(() -> {})).isNotNull();
    assertThat(admission.enter(() -> {})).isNotNull();
    clients.getFirst().write(ByteBuffer.wrap(REQUEST.getBytes(ISO_8859_1)));
    driver.attempt(connections.getFirst(), driver::move);
    assertThat(givenBack).containsExactly(REQUEST);
  }

  @Test
  void closedConnectionsAreNotRead() throws IOException {
    FastConnection waiting = connections.getLast();
    waiting.transport().close();
    driver.attempt(waiting, driver::lookAt);
    answerAll();
    driver.resume();
    assertThat(answered).isEqualTo(PERMITS + 1);
    assertThat(givenBack).isEmpty();
  }

  /** They may contain a token. */
  @Test
  void requestsLeaveNoBytesBehind() {
    assertThat(readInto).isNotEmpty().allSatisfy(ConnectionDriverTests::isWiped);
    driver.isNow(ConnectionDriver.PATIENCE + 1);
    driver.resume();
    assertThat(givenBack).containsExactly(REQUEST, REQUEST);
    assertThat(readInto).allSatisfy(ConnectionDriverTests::isWiped);
  }
}
