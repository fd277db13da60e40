package dev.nebulastore.http.tomcat;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.stream.IntStream;
import org.apache.tomcat.util.http.MimeHeaders;
import org.apache.tomcat.util.http.parser.HttpHeaderParser.HeaderDataSource;
import org.apache.tomcat.util.http.parser.HttpHeaderParser.HeaderParseStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Heads that arrive in pieces, behind a request line that was parsed. */
class StrictHeaderParserTests {

  private static final int MAX = 200;
  private static final String LINE = "GET / HTTP/1.1\r\n";

  private final MimeHeaders headers = new MimeHeaders();

  /** The buffer of a processor, which arrives piece by piece. */
  private static final class Pieces implements HeaderDataSource {
    private final ByteBuffer buffer = ByteBuffer.allocate(MAX + 100);
    private final Queue<byte[]> pieces = new ArrayDeque<>();

    @Override
    public boolean fillHeaderBuffer() {
      byte[] piece = pieces.poll();
      if (piece == null) {
        return false;
      }
      int position = buffer.position();
      buffer.position(buffer.limit()).limit(buffer.limit() + piece.length);
      buffer.put(piece).position(position);
      return true;
    }

    @Override
    public ByteBuffer getHeaderByteBuffer() {
      return buffer;
    }
  }

  private final Pieces pieces = new Pieces();
  private final StrictHeaderParser parser =
      new StrictHeaderParser(new HeadBytes(pieces, MAX), headers);

  /** Parses a head that arrives in two pieces, or in one. */
  private HeaderParseStatus parse(String head, int cut) throws IOException {
    headers.recycle();
    headers.setLimit(5);
    parser.recycle();
    byte[] bytes = head.getBytes(ISO_8859_1);
    int line = head.indexOf('\n', head.indexOf('/')) + 1;
    int first = Math.max(line, cut);
    pieces.buffer.clear().put(bytes, 0, first).flip().position(line);
    pieces.pieces.clear();
    if (first < bytes.length) {
      byte[] rest = new byte[bytes.length - first];
      System.arraycopy(bytes, first, rest, 0, rest.length);
      pieces.pieces.add(rest);
    }
    HeaderParseStatus status;
    do {
      status = parser.parseHeader();
    } while (status == HeaderParseStatus.HAVE_MORE_HEADERS);
    return status;
  }

  private void isRefused(int status, String head) {
    for (int cut = 0; cut < head.length(); cut++) {
      int at = cut;
      Throwable thrown = catchThrowable(() -> parse(head, at));
      assertThat(thrown).as("cut at %d", cut).isInstanceOf(RefusedHead.class);
      assertThat(((RefusedHead) thrown).status()).as("cut at %d", cut).isEqualTo(status);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X:y\r\n z\r\n\r\n",
        "X:y \r\n\tz\r\n\r\n",
        "X: y\r\n \r\n\r\n",
        "X:\r\n z\r\n\r\n",
        " X: y\r\n\r\n",
        "A: b\r\nX: y\n\r\n",
        "A: b\r\n\n",
        "A: b\n\n",
        "\n",
        "A: b\rc\r\n\r\n",
        "A: b\r\r\n\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "transfer-encoding: x\r\ncontent-length: 0\r\n\r\n"
      })
  void ambiguousHeadsAreRefused(String head) {
    isRefused(400, LINE + head);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1\n", "\nGET / HTTP/1.1\r\n", "\r\rGET / HTTP/1.1\r\n"})
  void requestLinesEndWithBoth(String line) {
    isRefused(400, line + "A: b\r\n\r\n");
  }

  @Test
  void largeHeadsAreToldApart() {
    isRefused(431, LINE + "X: " + "y".repeat(MAX) + "\r\n\r\n");
    isRefused(431, LINE + "X: y\r\n".repeat(6) + "\r\n");
    isRefused(414, "GET /" + "y".repeat(MAX) + " HTTP/1.1\r\nX: y\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\r\n",
        "X:y\r\n\r\n",
        "X:   y \t z \t\r\nY:\r\nZ: \t \r\n\r\n",
        "Content-Length: 3\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n",
        // What follows the head is a body.
        "X: y\r\n\r\n a\nb\r\n c\r\r\n\n",
        "\r\n \n \r"
      })
  void otherHeadsAreParsed(String head) {
    String whole = "\r\n" + LINE + head;
    IntStream.range(0, whole.length())
        .forEach(cut ->
            assertThatNoException()
                .as("cut at %d", cut)
                .isThrownBy(() -> {
                  assertThat(parse(whole, cut)).isEqualTo(HeaderParseStatus.DONE);
                }));
  }

  @Test
  void incompleteHeadsWaitForMore() throws IOException {
    assertThat(parse(LINE + "X: y\r\n", 0)).isEqualTo(HeaderParseStatus.NEED_MORE_DATA);
    pieces.pieces.add("Y: z\r\n\r\n".getBytes(ISO_8859_1));
    while (parser.parseHeader() != HeaderParseStatus.DONE) {
      // The next header.
    }
    assertThat(headers.getHeader("Y")).isEqualTo("z");
  }

  @ParameterizedTest
  @CsvSource({"200,true", "199,false"})
  void fullBufferWithoutLineIsALongLine(int length, boolean tooLong) {
    byte[] bytes = "y".repeat(length).getBytes(ISO_8859_1);
    assertThat(HeadBytes.isLineTooLong(ByteBuffer.wrap(bytes), MAX)).isEqualTo(tooLong);
    bytes[0] = '\n';
    assertThat(HeadBytes.isLineTooLong(ByteBuffer.wrap(bytes), MAX)).isEqualTo(tooLong);
    bytes[9] = '\n';
    assertThat(HeadBytes.isLineTooLong(ByteBuffer.wrap(bytes), MAX)).isFalse();
  }
}
