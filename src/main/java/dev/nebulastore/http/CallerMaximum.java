package dev.nebulastore.http;

/**
 * What each caller may take at most; 0 for no limit.
 *
 * @param requests how many requests may be in flight
 * @param requestsPerSecond how many may begin in a second
 * @param watchers how many of those may wait for changes
 * @param contentMemory how many bytes their content may take
 */
public record CallerMaximum(int requests, int requestsPerSecond, int watchers, long contentMemory) {

  /** No limits. */
  public static final CallerMaximum NONE = new CallerMaximum(0, 0, 0, 0);
}
