package dev.nebulastore.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request that has nothing uncommon about it.
 *
 * @param method GET, PUT or DELETE
 * @param path as it was sent, without the query
 * @param query as it was sent, or null if there is none
 * @param contentLength how many bytes follow
 * @param contentType of a PUT, or null if it was not said
 * @param ifMatch the values of all headers of that name
 * @param ifNoneMatch the values of all headers of that name
 */
public record FastRequest(
    String method,
    String path,
    @Nullable String query,
    int contentLength,
    @Nullable String contentType,
    List<String> ifMatch,
    List<String> ifNoneMatch) {

  /** Takes the lists as they are if they can't change. */
  public FastRequest {
    ifMatch = List.copyOf(ifMatch);
    ifNoneMatch = List.copyOf(ifNoneMatch);
  }
}
