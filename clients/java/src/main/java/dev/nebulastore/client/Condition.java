package dev.nebulastore.client;

import java.util.List;

/**
 * A precondition of an operation. The server checks it atomically with the operation. If it doesn't
 * hold, nothing is changed and a {@link NebulaStoreException} with the code {@code
 * precondition-failed} is thrown.
 *
 * <p>Entity tags are opaque and include their quotes: pass them as you received them.
 *
 * @param ifMatch {@code *}, or tags one of which must be the current one; not checked if empty
 * @param ifNoneMatch {@code *}, or tags none of which may be the current one; not checked if empty
 */
public record Condition(List<String> ifMatch, List<String> ifNoneMatch) {

  private static final String ANY = "*";

  /** Copies the lists. */
  public Condition {
    ifMatch = List.copyOf(ifMatch);
    ifNoneMatch = List.copyOf(ifNoneMatch);
  }

  /** No condition. */
  public static Condition none() {
    return new Condition(List.of(), List.of());
  }

  /** The key is absent. */
  public static Condition absent() {
    return new Condition(List.of(), List.of(ANY));
  }

  /** The key is present, at any version. */
  public static Condition exists() {
    return new Condition(List.of(ANY), List.of());
  }

  /** The entry is at one of these versions. */
  public static Condition matches(String... etags) {
    return new Condition(required(etags), List.of());
  }

  /** The entry is at none of these versions, or the key is absent. */
  public static Condition differsFrom(String... etags) {
    return new Condition(List.of(), required(etags));
  }

  private static List<String> required(String... etags) {
    if (etags.length == 0) {
      throw new IllegalArgumentException("at least one entity tag is needed");
    }
    return List.of(etags);
  }
}
