package dev.nebulastore.api.codec;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The methods that a resource allows.
 *
 * @param path of the resource; all that begins with it if it ends in a slash
 * @param subject begins the sentence "… supports GET, HEAD"
 * @param allow the value of the Allow header
 */
public record AllowedMethods(String path, String subject, String allow) {

  /** The path of listings. */
  public static final String KEYS = "/keys";

  /** The path of batches. */
  public static final String BATCH = "/batch";

  /** The path of transactions. */
  public static final String TXN = "/txn";

  /** The path of streams of changes. */
  public static final String WATCH = "/watch";

  /** Those of a key. */
  public static final AllowedMethods OF_KEY =
      new AllowedMethods(KeyCodec.PREFIX, "A key", "GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS");

  /** Those of listings. */
  public static final AllowedMethods OF_KEYS =
      new AllowedMethods(KEYS, KEYS, "GET, HEAD, PATCH, DELETE, OPTIONS");

  /** Those of batches. */
  public static final AllowedMethods OF_BATCH = new AllowedMethods(BATCH, BATCH, "POST, OPTIONS");

  /** Those of transactions. */
  public static final AllowedMethods OF_TXN = new AllowedMethods(TXN, TXN, "POST, OPTIONS");

  /** Those of streams of changes, of which HEAD would show nothing. */
  public static final AllowedMethods OF_WATCH = new AllowedMethods(WATCH, WATCH, "GET, OPTIONS");

  /** Those of the resource to which a path belongs, if there is one here. */
  public static Optional<AllowedMethods> at(String path) {
    return Stream.of(OF_KEY, OF_KEYS, OF_BATCH, OF_TXN, OF_WATCH)
        .filter(methods -> methods.areOf(path))
        .findFirst();
  }

  private boolean areOf(String requested) {
    return path.endsWith("/") ? requested.startsWith(path) : requested.equals(path);
  }

  /** Answers OPTIONS. */
  public void tell(HttpServletResponse response) {
    response.setHeader("Allow", allow);
    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
  }

  /** The refusal of a request with another method. */
  public ApiException refuse(HttpServletRequest request, HttpServletResponse response) {
    response.setHeader("Allow", allow);
    return new ApiException(
        Problem.METHOD_NOT_ALLOWED,
        subject + " supports " + allow + "; not " + request.getMethod() + ".");
  }
}
