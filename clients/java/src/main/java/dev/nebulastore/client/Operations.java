package dev.nebulastore.client;

import java.util.List;

/**
 * The operations of one batch.
 *
 * @param list up to 1,000 operations, whose results are kept in memory
 */
public record Operations(List<Operation> list) {

  /** The number of operations per request when a stream is sent. */
  static final int AT_A_TIME = 256;

  private static final int MOST = 1_000;

  /** Copies the list. */
  public Operations {
    list = List.copyOf(list);
    if (list.size() > MOST) {
      throw new IllegalArgumentException(
          list.size() + " operations exceed the limit of 1,000: pass a stream");
    }
  }
}
