package dev.nebulastore.client;

import java.util.List;

/**
 * The operations of one batch.
 *
 * @param list as many as a server carries out at once, and a reader keeps in memory: up to 1,000
 */
public record Operations(List<Operation> list) {

  /** How many of a long stream are sent at a time. */
  static final int AT_A_TIME = 256;

  private static final int MOST = 1_000;

  /** Copies the list. */
  public Operations {
    list = List.copyOf(list);
    if (list.size() > MOST) {
      throw new IllegalArgumentException(
          list.size() + " operations are too many for one batch: send them as a stream");
    }
  }
}
