package dev.nebulastore.http.fast;

import dev.nebulastore.security.Gate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The head of a plain request.
 *
 * @param method GET, PUT or DELETE
 * @param path as it was sent, without the query
 * @param query as it was sent, or null if there is none
 * @param contentLength the length of the body in bytes
 * @param contentType the media type of a PUT, or null if there is none
 * @param ifMatch the values of all headers of that name
 * @param ifNoneMatch the values of all headers of that name
 * @param sender what is known of its sender
 */
public record FastRequest(
    String method,
    String path,
    @Nullable String query,
    int contentLength,
    @Nullable String contentType,
    List<String> ifMatch,
    List<String> ifNoneMatch,
    Gate.Sender sender) {

  /** Copies the lists unless they are immutable. */
  public FastRequest {
    ifMatch = List.copyOf(ifMatch);
    ifNoneMatch = List.copyOf(ifNoneMatch);
  }
}
