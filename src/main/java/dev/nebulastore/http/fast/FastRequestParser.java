package dev.nebulastore.http.fast;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.nebulastore.security.Gate;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Parses the head of a plain request: HTTP/1.1 (RFC 9112) without anything rare or ambiguous.
 * Whatever it does not know is not plain and is left to the server: other methods, characters that
 * only some servers allow in a path, headers that change the meaning of a request, bare line feeds,
 * transfer codings, a length that is given twice.
 *
 * <p>Threads: confined to one. It is reused for many requests.
 */
final class FastRequestParser {

  /** What a sequence of bytes begins with. */
  enum Verdict {
    PLAIN,
    /** A plain request so far; the end of its head is missing. */
    INCOMPLETE,
    OTHER
  }

  private static final int MAX_HEADERS = 40;
  private static final int MAX_DIGITS = 9;

  /** The largest body: an event loop copies it as it grows, and others wait meanwhile. */
  private static final int MAX_BODY = 1 << 20;

  private static final byte[] VERSION = bytes(" HTTP/1.1\r\n");
  private static final byte[] HOST = bytes("host");
  private static final byte[] CONTENT_LENGTH = bytes("content-length");
  private static final byte[] CONTENT_TYPE = bytes("content-type");
  private static final byte[] IF_MATCH = bytes("if-match");
  private static final byte[] IF_NONE_MATCH = bytes("if-none-match");
  private static final byte[] CONNECTION = bytes("connection");
  private static final byte[] KEEP_ALIVE = bytes("keep-alive");

  /** The JDK's client offers HTTP/2 with each request; the offer is declined. */
  private static final byte[] OFFERED = bytes("upgrade, http2-settings");

  private static final byte[] UPGRADE = bytes("upgrade");
  private static final byte[] H2C = bytes("h2c");
  private static final byte[] AUTHORIZATION = bytes("authorization");

  /** Headers that many clients and proxies send and that have no effect here. */
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
    bytes("http2-settings"),
  };

  /** Headers of proxies; their values have no effect here. */
  private static final byte[][] OF_PROXY = {
    bytes("x-forwarded-for"),
    bytes("x-forwarded-proto"),
    bytes("x-forwarded-host"),
    bytes("x-forwarded-port"),
    bytes("x-real-ip"),
    bytes("forwarded"),
    bytes("via"),
  };

  /** The characters of a path and a query: RFC 3986, section 3.3, and the percent sign. */
  private static final boolean[] IN_PATH = among("-._~!$&'()*+,;=:@/%");

  private final FastHandler service;
  private final Predicate<byte[]> isHost;
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
  private String host = "";
  private boolean proxied;
  private @Nullable String authorization;
  private final List<String> ifMatch = new ArrayList<>();
  private final List<String> ifNoneMatch = new ArrayList<>();

  /**
   * Creates a parser.
   *
   * @param service decides which paths are plain
   * @param isHost decides whether the value of a Host header is valid
   */
  FastRequestParser(FastHandler service, Predicate<byte[]> isHost) {
    this.service = service;
    this.isHost = isHost;
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

  /** Parses what has arrived of a request. */
  Verdict read(byte[] from, int length) {
    bytes = from;
    at = 0;
    end = length;
    contentType = null;
    contentLength = -1;
    hasHost = false;
    proxied = false;
    authorization = null;
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

  /** Forgets the token of the head that was parsed. */
  void forgetToken() {
    authorization = null;
  }

  /** The length of the head that was parsed. */
  int length() {
    return at;
  }

  /** The length of the body behind the head that was parsed. */
  int contentLength() {
    return Math.max(0, contentLength);
  }

  /**
   * The request whose head was parsed.
   *
   * @param address of its peer; null if it is not known
   */
  FastRequest request(@Nullable InetAddress address) {
    return new FastRequest(
        method,
        path,
        query,
        contentLength(),
        contentType,
        ifMatch,
        ifNoneMatch,
        new Gate.Sender(address, proxied, host, authorization));
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

  /** Parses one line and moves {@link #at} behind it. */
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
      return matches(KEEP_ALIVE, from, to) || matches(OFFERED, from, to);
    }
    if (matches(UPGRADE, name, colon)) {
      return matches(H2C, from, to);
    }
    if (matches(AUTHORIZATION, name, colon)) {
      boolean first = authorization == null;
      authorization = text(from, to);
      return first;
    }
    if (isAmong(OF_PROXY, name, colon)) {
      proxied = true;
      return true;
    }
    return isAmong(WITHOUT_MEANING, name, colon);
  }

  private boolean isAmong(byte[][] names, int from, int to) {
    for (byte[] known : names) {
      if (matches(known, from, to)) {
        return true;
      }
    }
    return false;
  }

  /** The value is nearly always the same, so the last valid one is remembered. */
  private boolean isHost(int from, int to) {
    if (Arrays.equals(knownHost, 0, knownHost.length, bytes, from, to) && from < to) {
      return true;
    }
    byte[] value = Arrays.copyOfRange(bytes, from, to);
    if (!isHost.test(value)) {
      return false;
    }
    knownHost = value;
    host = text(from, to);
    return true;
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

  /** Whether these bytes are a word, which is given in lower case, in any case. */
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
