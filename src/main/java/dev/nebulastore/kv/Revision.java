package dev.nebulastore.kv;

/**
 * The version of an entry: the place of the write that made it in the log of its shard. It only
 * grows, and no key ever sees the same one twice.
 *
 * @param number 0 for a shard that was never written to, else positive
 */
public record Revision(long number) implements Comparable<Revision> {

  /** Before the first write. */
  public static final Revision ZERO = new Revision(0);

  /** Refuses a negative number. */
  public Revision {
    if (number < 0) {
      throw new IllegalArgumentException("A revision is 0 or more, not " + number);
    }
  }

  /** The revision of the write after this one. */
  public Revision next() {
    return new Revision(Math.incrementExact(number));
  }

  @Override
  public int compareTo(Revision other) {
    return Long.compare(number, other.number);
  }
}
