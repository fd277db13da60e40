package dev.nebulastore.api.answer;

import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.kv.ContentBudget;

/**
 * Counts values that are read for a request in its share of the memory.
 *
 * <p>Threads: safe for all.
 */
public record ShareBudget(Share share) implements ContentBudget {

  @Override
  public boolean reserve(int length, int copies) {
    return share.reserve(length, copies);
  }

  @Override
  public boolean keep(int length, int reserved, int kept) {
    return share.keep(length, reserved, kept);
  }
}
