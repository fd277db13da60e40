package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import dev.nebulastore.http.Admission;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/** HTTP/2 without TLS: by prior knowledge, and not by an upgrade from HTTP/1.1. */
@ServerTest
class StreamsInTheClearTests {

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;

  /** The end of the stream and of the headers. */
  private static final int END = 5;

  /** Entries of the static table of HPACK (RFC 7541, appendix A), as they are sent. */
  private static final int GET = 0x82;

  private static final int HTTP = 0x86;
  private static final int PATH = 4;
  private static final int AUTHORITY = 1;
  private static final int STATUS_400 = 0x8c;
  private static final int STATUS_404 = 0x8d;

  private final int port;
  private final Admission admission;

  StreamsInTheClearTests(@LocalServerPort int port, Admission admission) {
    this.port = port;
    this.admission = admission;
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.writeBytes(new byte[] {0, (byte) (payload.length >> 8), (byte) payload.length});
    frame.writeBytes(new byte[] {(byte) type, (byte) flags, 0, 0, 0, (byte) stream});
    frame.writeBytes(payload);
    return frame.toByteArray();
  }

  private static void literal(ByteArrayOutputStream headers, int name, String value) {
    headers.write(name);
    headers.write(value.length());
    headers.writeBytes(RawHttp.bytes(value));
  }

  /** What a server answered by prior knowledge: the headers as they came, and the body. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Answered(byte[] headers, String body) {}

  private Answered ask(String authority, String path) throws IOException {
    ByteArrayOutputStream headers = new ByteArrayOutputStream();
    headers.write(GET);
    headers.write(HTTP);
    literal(headers, PATH, path);
    literal(headers, AUTHORITY, authority);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(RawHttp.bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
      socket.getOutputStream().write(frame(SETTINGS, 0, 0, new byte[0]));
      socket.getOutputStream().write(frame(HEADERS, END, 1, headers.toByteArray()));
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] head = {};
      while (true) {
        int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
        int type = in.readUnsignedByte();
        in.skipNBytes(5);
        byte[] payload = in.readNBytes(length);
        if (type == HEADERS) {
          head = payload;
        } else if (type == DATA) {
          return new Answered(head, new String(payload, UTF_8));
        }
      }
    }
  }

  @Test
  void priorKnowledgeIsUnderstood() throws IOException {
    Answered answered = ask("localhost", "/kv/clear/none");
    assertThat(answered.headers()).contains((byte) STATUS_404);
    var _ = ProblemJson.of(answered.body().getBytes(UTF_8), 404, Problem.KEY_NOT_FOUND);
  }

  @Test
  void malformedHeadsGetProblems() throws IOException {
    for (String authority : List.of("nebula_store", "a b", "localhost:x")) {
      Answered answered = ask(authority, "/kv/clear/none");
      assertThat(answered.headers()).contains((byte) STATUS_400);
      assertThat(
              ProblemJson.of(answered.body().getBytes(UTF_8), 400, Problem.INVALID_REQUEST)
                  .member("detail"))
          .contains("not valid in HTTP/2");
    }
    assertThat(ask("localhost", "/kv/%zz").headers()).contains((byte) STATUS_400);
  }

  /** The JDK's client offers it with each request. */
  @Test
  void anUpgradeIsDeclined() throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/kv/clear/offered"));
    long before = admission.fast();
    try (HttpClient client = HttpClient.newBuilder().version(Version.HTTP_2).build()) {
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> put =
            client.send(
                request.PUT(BodyPublishers.ofString("value " + i)).build(),
                BodyHandlers.ofString());
        assertThat(put.statusCode()).isIn(201, 204);
        HttpResponse<String> get = client.send(request.GET().build(), BodyHandlers.ofString());
        assertThat(get.body()).isEqualTo("value " + i);
        assertThat(get.version()).isEqualTo(Version.HTTP_1_1);
      }
    }
    assertThat(admission.fast() - before).isEqualTo(6);
  }
}
