import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Connections of HTTP/2 in the clear (RFC 9113), whose headers are not compressed (RFC 7541). */
final class Streams {

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int END_OF_HEADERS = 4;

  // Names of the static table, for values that are not to be remembered, and one whole entry.
  private static final byte[] AUTHORITY = {1};
  private static final byte[] METHOD = {2};
  private static final byte[] PATH = {4};
  private static final byte[] CONTENT_LENGTH = {0xf, 28 - 0xf};
  private static final int SCHEME_HTTP = 0x86;

  private Streams() {}

  /** The beginning of a connection with this many streams, each with one byte of a longer body. */
  static byte[] withoutEnd(int streams) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.write(SCHEME_HTTP);
    header(head, METHOD, "PUT");
    header(head, PATH, "/kv/hot");
    header(head, AUTHORITY, "localhost");
    header(head, CONTENT_LENGTH, "4000");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(all, SETTINGS, 0, 0, new byte[0]);
    for (int i = 0; i < streams; i++) {
      frame(all, HEADERS, END_OF_HEADERS, 2 * i + 1, head.toByteArray());
      frame(all, DATA, 0, 2 * i + 1, new byte[] {'a'});
    }
    return all.toByteArray();
  }

  private static void header(ByteArrayOutputStream head, byte[] name, String value) {
    head.writeBytes(name);
    head.write(value.length());
    head.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  private static void frame(
      ByteArrayOutputStream all, int type, int flags, int stream, byte[] content) {
    all.writeBytes(new byte[] {0, (byte) (content.length >> 8), (byte) content.length});
    all.writeBytes(
        new byte[] {(byte) type, (byte) flags, 0, 0, (byte) (stream >> 8), (byte) stream});
    all.writeBytes(content);
  }
}
