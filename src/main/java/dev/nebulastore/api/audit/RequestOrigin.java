package dev.nebulastore.api.audit;

import dev.nebulastore.api.codec.KeyCodec;
import dev.nebulastore.audit.AuditEvent.Origin;
import dev.nebulastore.audit.KeyHash;
import dev.nebulastore.http.RawPath;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.InvalidKey;
import dev.nebulastore.security.RequestCaller;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a request what the audit log tells of it. Whatever a client may choose freely is
 * bounded, and left out where it may be a key or a token.
 *
 * <p>Threads: immutable.
 */
final class RequestOrigin {

  private static final Pattern METHOD = Pattern.compile("[A-Z]{1,20}");
  private static final String UNKNOWN_METHOD = "other";

  /** No path of this server has such a long segment, but a token in the wrong place is one. */
  private static final Pattern LONG_SEGMENT = Pattern.compile("[^/]{41,}");

  private static final int MAX_PATH = 200;
  private static final String LEFT_OUT = "...";

  private RequestOrigin() {}

  static Origin of(HttpServletRequest request) {
    String peer = request.getRemoteAddr();
    return new Origin(
        RequestCaller.id(request),
        peer == null ? "" : peer,
        method(request.getMethod()),
        path(RawPath.of(request)));
  }

  /** The hash of the key that the path of a request names; null if it names none. */
  static @Nullable String keyOf(HttpServletRequest request) {
    String path = RawPath.of(request);
    try {
      return path.startsWith(KeyCodec.PREFIX) ? hash(KeyCodec.decode(path)) : null;
    } catch (InvalidKey e) {
      return null;
    }
  }

  static String hash(Key key) {
    return KeyHash.of(key.utf8());
  }

  static String method(String method) {
    return METHOD.matcher(method).matches() ? method : UNKNOWN_METHOD;
  }

  static String path(String path) {
    if (path.startsWith(KeyCodec.PREFIX)) {
      return KeyCodec.PREFIX;
    }
    String shown = LONG_SEGMENT.matcher(path).replaceAll(LEFT_OUT);
    return shown.length() <= MAX_PATH ? shown : shown.substring(0, MAX_PATH) + LEFT_OUT;
  }
}
