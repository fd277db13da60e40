package dev.nebulastore.api.kv;

import dev.nebulastore.api.codec.Etag;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Parses the conditional headers of a request (RFC 9110, section 13.1).
 *
 * <p>Threads: immutable.
 */
final class Conditions {

  private Conditions() {}

  /** All conditions of a request; a 400 if a list of tags is malformed. */
  static Precondition of(KeyRequest request) {
    return of(
        Etag.parse(KeyRequest.IF_MATCH, request.headers(KeyRequest.IF_MATCH), false),
        Etag.parse(KeyRequest.IF_NONE_MATCH, request.headers(KeyRequest.IF_NONE_MATCH), true),
        request.date("If-Modified-Since"),
        request.date("If-Unmodified-Since"));
  }

  /** The conditions of a request, if it was refused because of them. */
  static Precondition refusing(Outcome outcome, KeyRequest request) {
    return outcome instanceof Outcome.PreconditionFailed ? of(request) : Precondition.NONE;
  }

  private static Precondition of(
      @Nullable Versions ifMatch,
      @Nullable Versions ifNoneMatch,
      @Nullable Instant ifModifiedSince,
      @Nullable Instant ifUnmodifiedSince) {
    boolean none =
        ifMatch == null
            && ifNoneMatch == null
            && ifModifiedSince == null
            && ifUnmodifiedSince == null;
    return none
        ? Precondition.NONE
        : new Precondition(ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince);
  }
}
