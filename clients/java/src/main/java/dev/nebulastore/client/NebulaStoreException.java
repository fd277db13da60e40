package dev.nebulastore.client;

import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A failed operation: the problem detail of the server (RFC 9457), or that there was no answer.
 * {@link #code()} and {@link #status()} are API, the message is not.
 *
 * {@snippet class="dev.nebulastore.client.NebulaStoreIT" region="problem"}
 *
 * <p>Threads: immutable.
 */
public final class NebulaStoreException extends RuntimeException {

  /** Whether the operation was applied. */
  public enum Applied {
    /** It was not applied. */
    NO,
    /** It may have been applied: read before you decide. The client does not repeat it. */
    UNKNOWN
  }

  /** The code if there is no connection to the server: nothing was sent. */
  public static final String NO_CONNECTION = "no-connection";

  /** The code if no answer arrived, or only a part of one. */
  public static final String NO_ANSWER = "no-answer";

  private static final long serialVersionUID = 1L;

  private final transient Facts facts;

  NebulaStoreException(Facts facts, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.facts = facts;
  }

  /** Returns the failure of a request that got no answer, or only a part of one. */
  static NebulaStoreException noAnswer(Exception failure, @Nullable Throwable cause) {
    if (cause instanceof ConnectException || cause instanceof HttpConnectTimeoutException) {
      return new NebulaStoreException(
          Facts.of(NO_CONNECTION, 0, Applied.NO), "The server can't be reached", failure);
    }
    return new NebulaStoreException(
        Facts.of(NO_ANSWER, 0, Applied.UNKNOWN), "The server did not answer", failure);
  }

  /** The facts of a problem beside its message. */
  record Facts(
      String code,
      int status,
      Applied applied,
      @Nullable String currentEtag,
      @Nullable String key,
      @Nullable Integer shard,
      @Nullable Duration retryAfter) {

    static Facts of(String code, int status, Applied applied) {
      return new Facts(code, status, applied, null, null, null, null);
    }
  }

  /** The stable code of the problem; {@code http-502} and so on if the server sent none. */
  public String code() {
    return facts.code();
  }

  /** The HTTP status, or 0 if there was no answer. */
  public int status() {
    return facts.status();
  }

  /** Whether the operation was applied all the same. */
  public Applied applied() {
    return facts.applied();
  }

  /** The current version, if a condition on it did not hold. */
  public Optional<String> currentEtag() {
    return Optional.ofNullable(facts.currentEtag());
  }

  /** The key of the failed operation. */
  public Optional<String> key() {
    return Optional.ofNullable(facts.key());
  }

  /** The shard that did not answer. */
  public Optional<Integer> shard() {
    return Optional.ofNullable(facts.shard());
  }

  /** How long to wait before the next request, if the server says so. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(facts.retryAfter());
  }

  /** Whether it failed because a {@link Condition} does not hold. */
  public boolean isPreconditionFailed() {
    return status() == 412;
  }
}
