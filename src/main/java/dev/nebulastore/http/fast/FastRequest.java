package dev.nebulastore.http.fast;

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
    Sender sender) {

  /**
   * What is known of the sender of a request.
   *
   * @param local whether the peer of the connection is on the same machine
   * @param proxied whether a header says that the request came through a proxy
   * @param host the value of the Host header
   * @param authorization the value of the Authorization header, or null if there is none
   */
  public record Sender(
      boolean local, boolean proxied, String host, @Nullable String authorization) {
    /** Without the secret. */
    @Override
    public String toString() {
      return "Sender[local=%s, proxied=%s, host=%s]".formatted(local, proxied, host);
    }
  }

  /** Copies the lists unless they are immutable. */
  public FastRequest {
    ifMatch = List.copyOf(ifMatch);
    ifNoneMatch = List.copyOf(ifNoneMatch);
  }
}
