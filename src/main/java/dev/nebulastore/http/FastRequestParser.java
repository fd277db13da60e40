package dev.nebulastore.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.tomcat.util.buf.MessageBytes;
import org.apache.tomcat.util.http.parser.Host;
import org.jspecify.annotations.Nullable;

/**
 * Reads the head of a plain request: HTTP/1.1 (RFC 9112) without anything that is rare, doubtful or
 * of many meanings. What it does not know is not plain, and is left to Tomcat with all its bytes:
 * other methods, characters of a path that only some take, headers that would change what is asked,
 * bare line feeds, transfer codings, a length that is given twice.
 *
 * <p>Threads: confined to one; it is used again and again.
 */
final class FastRequestParser {

  /** What bytes may be the beginning of. */
  enum Verdict {
    PLAIN,
    /** A plain one so far, whose head has not come to its end. */
    INCOMPLETE,
    OTHER
  }

  private static final int MAX_HEADERS = 40;
  private static final int MAX_DIGITS = 9;

  /** A loop copies a body as it grows: others would wait for a larger one. */
  private static final int MAX_BODY = 1 << 20;

  private static final byte[] VERSION = bytes(" HTTP/1.1\r\n");
  private static final byte[] HOST = bytes("host");
  private static final byte[] CONTENT_LENGTH = bytes("content-length");
  private static final byte[] CONTENT_TYPE = bytes("content-type");
  private static final byte[] IF_MATCH = bytes("if-match");
  private static final byte[] IF_NONE_MATCH = bytes("if-none-match");
  private static final byte[] CONNECTION = bytes("connection");
  private static final byte[] KEEP_ALIVE = bytes("keep-alive");

  /** What many clients and proxies send, and nobody here looks at. */
  private static final byte[][] WITHOUT_MEANING = {
    bytes("user-agent"),
    bytes("accept"),
    bytes("accept-encoding"),
    bytes("accept-language"),
    bytes("cache-control"),
    bytes("pragma"),
    bytes("sec-fetch-mode"),
    bytes("traceparent"),
    bytes("tracestate"),
    bytes("x-request-id"),
    bytes("x-forwarded-for"),
    bytes("x-forwarded-proto"),
    bytes("x-forwarded-host"),
    bytes("x-forwarded-port"),
    bytes("x-real-ip"),
    bytes("forwarded"),
    bytes("via"),
  };

  /** What a path and a query may hold: RFC 3986, section 3.3, with the percent sign. */
  private static final boolean[] IN_PATH = among("-._~!$&'()*+,;=:@/%");

  private final FastHandler service;
  private byte[] knownHost = {};

  private byte[] bytes = {};
  private int at;
  private int end;
  private String method = "";
  private String path = "";
  private @Nullable String query;
  private @Nullable String contentType;
  private int contentLength;
  private boolean hasHost;
  private final List<String> ifMatch = new ArrayList<>();
  private final List<String> ifNoneMatch = new ArrayList<>();

  FastRequestParser(FastHandler service) {
    this.service = service;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  private static boolean[] among(String others) {
    boolean[] table = new boolean[256];
    for (char c = 0; c < 0x80; c++) {
      table[c] = Character.isLetterOrDigit(c) || others.indexOf(c) >= 0;
    }
    return table;
  }

  /** Reads what has come of a request. */
  Verdict read(byte[] from, int length) {
    bytes = from;
    at = 0;
    end = length;
    contentType = null;
    contentLength = -1;
    hasHost = false;
    ifMatch.clear();
    ifNoneMatch.clear();
    Verdict verdict = requestLine();
    for (int headers = 0; verdict == Verdict.PLAIN && !isEnd(); headers++) {
      verdict = headers < MAX_HEADERS ? header() : Verdict.OTHER;
    }
    if (verdict != Verdict.PLAIN) {
      return verdict;
    }
    at += 2;
    boolean mayHaveBody = method.equals("PUT");
    boolean lengthIsPlain =
        mayHaveBody ? contentLength >= 0 && contentLength <= MAX_BODY : contentLength <= 0;
    return hasHost && lengthIsPlain ? Verdict.PLAIN : Verdict.OTHER;
  }

  /** How many bytes the head has that was read. */
  int length() {
    return at;
  }

  /** How many bytes follow the head that was read. */
  int contentLength() {
    return Math.max(0, contentLength);
  }

  /** The request whose head was read. */
  FastRequest request() {
    return new FastRequest(method, path, query, contentLength(), contentType, ifMatch, ifNoneMatch);
  }

  private Verdict requestLine() {
    int space = indexOf((byte) ' ', at);
    if (space < 0) {
      return end - at < 8 ? Verdict.INCOMPLETE : Verdict.OTHER;
    }
    String known = method(space);
    if (known == null) {
      return Verdict.OTHER;
    }
    method = known;
    int start = space + 1;
    int mark = -1;
    int i = start;
    while (i < end && (IN_PATH[bytes[i] & 0xff] || (bytes[i] == '?' && mark < 0))) {
      if (bytes[i] == '?') {
        mark = i;
      }
      i++;
    }
    int stop = mark < 0 ? i : mark;
    if (!service.serves(bytes, start, stop - start)) {
      return Verdict.OTHER;
    }
    if (i + VERSION.length > end) {
      return i == end || startsWith(VERSION, i, end) ? Verdict.INCOMPLETE : Verdict.OTHER;
    }
    if (!startsWith(VERSION, i, i + VERSION.length)) {
      return Verdict.OTHER;
    }
    path = text(start, stop);
    query = mark < 0 ? null : text(mark + 1, i);
    at = i + VERSION.length;
    return Verdict.PLAIN;
  }

  private @Nullable String method(int space) {
    return switch (space - at) {
      case 3 -> is("GET") ? "GET" : is("PUT") ? "PUT" : null;
      case 6 -> is("DELETE") ? "DELETE" : null;
      default -> null;
    };
  }

  private boolean is(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (bytes[at + i] != word.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean isEnd() {
    return at + 1 < end && bytes[at] == '\r' && bytes[at + 1] == '\n';
  }

  /** One line; {@link #at} is behind it then. */
  private Verdict header() {
    int colon = indexOf((byte) ':', at);
    int stop = indexOf((byte) '\r', at);
    if (stop < 0 || stop + 1 >= end) {
      return Verdict.INCOMPLETE;
    }
    if (bytes[stop + 1] != '\n' || colon < 0 || colon > stop) {
      return Verdict.OTHER;
    }
    int from = colon + 1;
    int to = stop;
    while (from < to && bytes[from] == ' ') {
      from++;
    }
    while (to > from && bytes[to - 1] == ' ') {
      to--;
    }
    for (int i = from; i < to; i++) {
      if (bytes[i] < ' ' || bytes[i] == 0x7f) {
        return Verdict.OTHER;
      }
    }
    boolean plain = value(at, colon, from, to);
    at = stop + 2;
    return plain ? Verdict.PLAIN : Verdict.OTHER;
  }

  private boolean value(int name, int colon, int from, int to) {
    if (matches(HOST, name, colon)) {
      boolean first = !hasHost;
      hasHost = true;
      return first && isHost(from, to);
    }
    if (matches(CONTENT_LENGTH, name, colon)) {
      boolean first = contentLength < 0;
      return first && readLength(from, to);
    }
    if (matches(CONTENT_TYPE, name, colon)) {
      boolean first = contentType == null;
      contentType = text(from, to);
      return first;
    }
    if (matches(IF_MATCH, name, colon)) {
      return ifMatch.add(text(from, to));
    }
    if (matches(IF_NONE_MATCH, name, colon)) {
      return ifNoneMatch.add(text(from, to));
    }
    if (matches(CONNECTION, name, colon)) {
      return matches(KEEP_ALIVE, from, to);
    }
    for (byte[] known : WITHOUT_MEANING) {
      if (matches(known, name, colon)) {
        return true;
      }
    }
    return false;
  }

  /** Nearly always the same, which Tomcat has found to be one. */
  private boolean isHost(int from, int to) {
    if (Arrays.equals(knownHost, 0, knownHost.length, bytes, from, to) && from < to) {
      return true;
    }
    byte[] host = Arrays.copyOfRange(bytes, from, to);
    MessageBytes value = MessageBytes.newInstance();
    value.setBytes(host, 0, host.length);
    try {
      int colon = host.length == 0 ? 0 : Host.parse(value);
      for (int i = colon + 1; colon >= 0 && i < host.length; i++) {
        if (host[i] < '0' || host[i] > '9' || i > colon + 5) {
          return false;
        }
      }
    } catch (IllegalArgumentException e) {
      return false;
    }
    knownHost = host;
    return host.length > 0;
  }

  private boolean readLength(int from, int to) {
    if (from == to || to - from > MAX_DIGITS) {
      return false;
    }
    int length = 0;
    for (int i = from; i < to; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return false;
      }
      length = 10 * length + digit;
    }
    contentLength = length;
    return true;
  }

  /** Whether these bytes are a word of lower case, in whatever case. */
  private boolean matches(byte[] word, int from, int to) {
    if (to - from != word.length) {
      return false;
    }
    for (int i = 0; i < word.length; i++) {
      byte b = bytes[from + i];
      if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != word[i]) {
        return false;
      }
    }
    return true;
  }

  private boolean startsWith(byte[] word, int from, int to) {
    return Arrays.equals(word, 0, to - from, bytes, from, to);
  }

  private int indexOf(byte wanted, int from) {
    for (int i = from; i < end; i++) {
      if (bytes[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private String text(int from, int to) {
    return new String(bytes, from, to - from, ISO_8859_1);
  }
}
