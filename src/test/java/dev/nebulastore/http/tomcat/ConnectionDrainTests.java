package dev.nebulastore.http.tomcat;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.annotation.DirtiesContext;

/** A stop does not disconnect clients with open connections abruptly. */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = "server.address=127.0.0.1")
@DirtiesContext
class ConnectionDrainTests {

  @LocalServerPort private int port;
  @Autowired private ConnectionDrain drain;

  @Test
  void openConnectionsGetOneMoreAnswer() throws IOException {
    try (Socket open = connect()) {
      open.setSoTimeout(30_000);
      var in = new BufferedReader(new InputStreamReader(open.getInputStream(), US_ASCII));
      assertThat(put(open, in)).contains("HTTP/1.1 201").noneMatch(ConnectionDrainTests::closes);
      drain.stop();
      assertThat(put(open, in)).contains("HTTP/1.1 204").anyMatch(ConnectionDrainTests::closes);
      assertThat(in.read()).as("the end of the stream").isEqualTo(-1);
    }
    assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  private static boolean closes(String header) {
    return header.equalsIgnoreCase("connection: close");
  }

  /** Sends a PUT and reads the head of the response, which has no body. */
  private static List<String> put(Socket socket, BufferedReader in) throws IOException {
    String request = "PUT /kv/drained HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nv";
    socket.getOutputStream().write(request.getBytes(US_ASCII));
    List<String> head = new ArrayList<>();
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      head.add(line.strip());
    }
    return head;
  }
}
