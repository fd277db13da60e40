package dev.nebulastore.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Recognises requests that have reserved permits, so that probes and the scrape of the metrics are
 * answered while all other permits are taken. It accepts only a complete HTTP/1 head with no body
 * and nothing behind it, so that a slow sender never holds a reserved permit.
 *
 * @param probes the paths of short answers
 * @param scrapes the paths of long answers
 */
public record ReservedHead(Set<String> probes, Set<String> scrapes) {

  /** No request has a reserved permit. */
  public static final ReservedHead NONE = new ReservedHead(Set.of(), Set.of());

  /** What a request with a reserved permit asks for. */
  public enum Kind {
    /** A short answer, which fits into the buffers of its connection. */
    PROBE,
    /** A long one. */
    SCRAPE
  }

  private static final String END = "\r\n\r\n";
  private static final String CLOSE = "Connection: close\r\n\r\n";

  /** What has more to come behind the head, or is to become another protocol. */
  private static final Set<String> WITH_MORE =
      Set.of("content-length", "transfer-encoding", "expect", "upgrade");

  /** Copies the sets. */
  public ReservedHead {
    probes = Set.copyOf(probes);
    scrapes = Set.copyOf(scrapes);
  }

  /** The probes of an orchestrator, and the scrape of Prometheus, below the path of Actuator. */
  public static ReservedHead below(String actuator) {
    String health = actuator + "/health";
    return new ReservedHead(
        Set.of(health, health + "/liveness", health + "/readiness"),
        Set.of(actuator + "/prometheus"));
  }

  /** The longest head, so that it can be given back to its connection. */
  static final int MAX = ConnectionLimit.READ_BUFFER - CLOSE.length();

  /** The kind of a request by its head, or null if it has no reserved permit. */
  public @Nullable Kind kindOf(byte[] bytes, int length) {
    String head = new String(bytes, 0, Math.min(length, MAX + 1), ISO_8859_1);
    if (length > MAX || !head.endsWith(END) || head.indexOf(END) != length - END.length()) {
      return null;
    }
    String[] lines = head.split("\r\n");
    String[] request = lines[0].split(" ", -1);
    boolean plain =
        request.length == 3
            && (request[0].equals("GET") || request[0].equals("HEAD"))
            && (request[2].equals("HTTP/1.1") || request[2].equals("HTTP/1.0"))
            && Stream.of(lines).skip(1).noneMatch(ReservedHead::hasMore);
    if (!plain) {
      return null;
    }
    return kindOf(request[1].split("\\?", 2)[0]);
  }

  private @Nullable Kind kindOf(String path) {
    return probes.contains(path) ? Kind.PROBE : scrapes.contains(path) ? Kind.SCRAPE : null;
  }

  /** The kind of a request whose head has been read and that has no body, likewise. */
  public @Nullable Kind kindOf(String method, String path) {
    return method.equals("GET") || method.equals("HEAD") ? kindOf(path) : null;
  }

  /** Whether a header announces a body or another protocol, or is folded. */
  private static boolean hasMore(String line) {
    return line.startsWith(" ")
        || line.startsWith("\t")
        || WITH_MORE.contains(line.split(":", 2)[0].strip().toLowerCase(Locale.ROOT));
  }

  /** The same head with {@code Connection: close}, so that no other request follows. */
  public static ByteBuffer closing(byte[] bytes, int length) {
    byte[] close = CLOSE.getBytes(ISO_8859_1);
    ByteBuffer head = ByteBuffer.allocate(length - 2 + close.length);
    return head.put(bytes, 0, length - 2).put(close).flip();
  }
}
