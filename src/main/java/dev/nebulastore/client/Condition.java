package dev.nebulastore.client;

import java.util.List;

/**
 * What must be true of the entry at the moment of an operation, or else nothing is done and {@link
 * NebulaStoreException} says so with the code {@code precondition-failed}. The server decides it
 * together with the operation.
 *
 * <p>Tags are given as they came: opaque, in their quotes.
 *
 * @param ifMatch {@code *} or tags of which one must be the current one; if empty, any or none
 * @param ifNoneMatch {@code *} or tags of which none may be the current one; if empty, any may
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

  /** There is no such key. */
  public static Condition absent() {
    return new Condition(List.of(), List.of(ANY));
  }

  /** There is such a key, at any version. */
  public static Condition exists() {
    return new Condition(List.of(ANY), List.of());
  }

  /** The entry is at one of these versions. */
  public static Condition matches(String... etags) {
    return new Condition(given(etags), List.of());
  }

  /** The entry is at none of these versions, or there is no such key. */
  public static Condition differsFrom(String... etags) {
    return new Condition(List.of(), given(etags));
  }

  private static List<String> given(String... etags) {
    if (etags.length == 0) {
      throw new IllegalArgumentException("a condition on no entity tag is none");
    }
    return List.of(etags);
  }
}
