package dev.nebulastore.kv;

/**
 * What one request may take of the heap for the values that are read for it. Whoever reads a large
 * value reserves its size before, and says afterwards how much of it stays (invariant 13).
 *
 * <p>Threads: safe for all.
 */
public interface ContentBudget {

  /**
   * Values up to this size, in bytes, may be read without a reservation: they cost less than their
   * request.
   */
  int SMALL = 4_000;

  /** For whoever reads no large values, or has no limit. */
  ContentBudget UNLIMITED =
      new ContentBudget() {
        @Override
        public boolean reserve(int length, int copies) {
          return true;
        }

        @Override
        public boolean keep(int length, int reserved, int kept) {
          return true;
        }
      };

  /**
   * Reserves memory for byte arrays of the same length, until {@link #keep} is called.
   *
   * @param copies how many there are at a time
   * @return false if there is no room for them, or nobody waits for them any more; nothing is
   *     reserved then
   */
  boolean reserve(int length, int copies);

  /**
   * Ends a reservation.
   *
   * @param reserved how many copies were reserved
   * @param kept how many of them stay with the request until that ends
   * @return false if the request has ended meanwhile: nothing stays, and what was read is to be
   *     dropped
   */
  boolean keep(int length, int reserved, int kept);
}
