package dev.nebulastore.shard;

/**
 * Where keys live now: an immutable snapshot behind one volatile reference (invariant 8).
 *
 * <p>Threads: read by anyone; changed by one thread at a time.
 */
final class CurrentPlacement {

  private volatile Placement placement =
      key -> {
        throw new IllegalStateException("The placement of keys is not set");
      };

  Placement get() {
    return placement;
  }

  void set(Placement next) {
    placement = next;
  }
}
