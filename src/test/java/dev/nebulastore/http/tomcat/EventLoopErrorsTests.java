package dev.nebulastore.http.tomcat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import dev.nebulastore.http.AddressLimit;
import dev.nebulastore.http.Admission;
import dev.nebulastore.http.ComputeThreads;
import dev.nebulastore.http.Peer;
import dev.nebulastore.http.Reply;
import dev.nebulastore.http.ReservedHead;
import dev.nebulastore.http.fast.FastHandler;
import dev.nebulastore.http.fast.FastRequest;
import dev.nebulastore.storage.Thrown;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.CoyoteAdapter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever is thrown while an event loop serves a request, the connection is closed, the permit is
 * released, and all other requests are served.
 */
class EventLoopErrorsTests {

  /** The places where the event loop calls the handler. */
  private enum Place {
    SERVES,
    PREPARE,
    FROM,
    ROOM,
    BEGIN,
    WAKE_UP,
    ANSWER,
    CLOSE
  }

  /** Responds with ok, except for one call that a test makes fail. */
  private static final class Faulty implements FastHandler {
    private volatile @Nullable Place place;
    private volatile Thrown what = Thrown.BUG;
    private final AtomicInteger thrown = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger wokenUp = new AtomicInteger();

    void throwOnce(Place at, Thrown thing) {
      what = thing;
      place = at;
    }

    private void at(Place here) {
      if (place == here) {
        place = null;
        thrown.incrementAndGet();
        what.now();
      }
    }

    @Override
    public boolean serves(byte[] bytes, int from, int length) {
      at(Place.SERVES);
      return true;
    }

    @Override
    public Exchange prepare(FastRequest request) {
      at(Place.PREPARE);
      open.incrementAndGet();
      return new Exchange() {
        @Override
        public void isFrom(Peer peer) {
          at(Place.FROM);
        }

        @Override
        public boolean hasRoom(int size) {
          at(Place.ROOM);
          return true;
        }

        @Override
        public void refuse() {}

        @Override
        public void cutShort() {}

        @Override
        public void begin(byte[] body, Runnable told, Executor wakeUps) {
          at(Place.BEGIN);
          begun.incrementAndGet();
          wakeUps.execute(() -> at(Place.WAKE_UP));
          wakeUps.execute(wokenUp::incrementAndGet);
        }

        @Override
        public boolean answer(Reply answer) throws IOException {
          at(Place.ANSWER);
          answer.status(200);
          answer.body("ok".getBytes(ISO_8859_1));
          return true;
        }

        @Override
        public void close() {
          open.decrementAndGet();
          at(Place.CLOSE);
        }
      };
    }
  }

  /** So large that its body arrives after its head, in several pieces. */
  private static final String REQUEST =
      "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n" + "b".repeat(20_000);

  private final Admission admission =
      new Admission(10, 100, Duration.ofMinutes(1), System::nanoTime);
  private final Faulty service = new Faulty();
  private final ComputeThreads compute = ComputeThreads.ofMachine();
  private final BoundedProtocol protocol = new BoundedProtocol();

  @BeforeEach
  void start() throws Exception {
    protocol.admitBy(
        admission,
        new AddressLimit(0),
        new PreparedAnswers(new byte[0], new byte[0], new byte[0], new byte[0], new byte[0]),
        ReservedHead.NONE,
        compute,
        16);
    protocol.servePlain(service);
    protocol.setAdapter(new CoyoteAdapter(new Connector(protocol)));
    protocol.setAddress(InetAddress.getLoopbackAddress());
    protocol.setPort(0);
    protocol.setMaxKeepAliveRequests(-1);
    protocol.init();
    protocol.start();
  }

  @AfterEach
  void stop() throws Exception {
    protocol.stop();
    protocol.destroy();
    compute.close();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(protocol.getAddress(), protocol.getLocalPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  /** The complete response; what was received so far, if the connection ends. */
  private static String ask(Socket socket) throws IOException {
    StringBuilder answer = new StringBuilder();
    try {
      socket.getOutputStream().write(REQUEST.getBytes(ISO_8859_1));
      while (!answer.toString().endsWith("\r\n\r\nok")) {
        int next = socket.getInputStream().read();
        if (next < 0) {
          break;
        }
        answer.append((char) next);
      }
    } catch (SocketException e) {
      // The connection was closed with unread data.
    }
    return answer.toString();
  }

  @ParameterizedTest
  @EnumSource
  void errorsCloseOneConnectionAlone(Thrown what) throws IOException {
    try (Socket other = connect()) {
      assertThat(ask(other)).startsWith("HTTP/1.1 200 ");
      int faults = 0;
      for (Place place : Place.values()) {
        // More often than there are event loops.
        for (int i = 0; i < 1 + Runtime.getRuntime().availableProcessors(); i++) {
          try (Socket socket = connect()) {
            assertThat(ask(socket)).startsWith("HTTP/1.1 200 ");
            await().until(() -> admission.requests() == 0);
            service.throwOnce(place, what);
            String answer = ask(socket);
            if (place == Place.CLOSE || place == Place.WAKE_UP) {
              assertThat(answer).as("sent before the fault").startsWith("HTTP/1.1 200 ");
            } else {
              assertThat(answer).as("%s", place).isEmpty();
            }
            if (place == Place.WAKE_UP) {
              assertThat(ask(socket)).as("not its own fault").startsWith("HTTP/1.1 200 ");
            } else {
              assertThat(socket.getInputStream().read()).as("%s", place).isEqualTo(-1);
            }
          } catch (SocketException e) {
            // The connection was closed with unread data.
          }
          await().until(() -> admission.requests() == 0);
          assertThat(service.thrown).as("%s", place).hasValue(++faults);
          assertThat(ask(other)).startsWith("HTTP/1.1 200 ");
        }
      }
    }
    await().until(() -> admission.requests() == 0);
    assertThat(service.open).as("each exchange was closed").hasValue(0);
    await().untilAtomic(service.wokenUp, equalTo(service.begun.get()));
  }
}
