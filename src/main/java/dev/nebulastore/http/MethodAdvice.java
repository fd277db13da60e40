package dev.nebulastore.http;

import org.jspecify.annotations.Nullable;

/** Knows what makes the server allow a method that it refuses. */
public interface MethodAdvice {

  /**
   * What an operator can do, in a sentence; null if nothing helps.
   *
   * @param method the method that a path does not allow
   */
  @Nullable String adviceFor(String method, String path);
}
