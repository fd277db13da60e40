package dev.nebulastore.api;

import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.kv.ContentBudget;

/**
 * Pays for the values that are read for a request out of its share of the memory.
 *
 * <p>Threads: safe for all.
 */
record ShareBudget(Share share) implements ContentBudget {

  @Override
  public boolean reserve(int length, int copies) {
    return share.reserve(length, copies);
  }

  @Override
  public boolean keep(int length, int reserved, int kept) {
    return share.keep(length, reserved, kept);
  }
}
