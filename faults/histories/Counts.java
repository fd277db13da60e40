import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The counts of all recorders.
 *
 * <p>Threads: shared by all.
 */
final class Counts {

  final LongAdder operations = new LongAdder();
  final LongAdder acknowledged = new LongAdder();
  final LongAdder unknown = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder unread = new LongAdder();
  final LongAdder unsent = new LongAdder();
  private final LongAdder unexpected = new LongAdder();
  private final AtomicLong values = new AtomicLong();
  private volatile String lastUnexpected = "";

  /** A unique value. */
  long nextValue() {
    return values.incrementAndGet();
  }

  void unexpected(String what) {
    unexpected.increment();
    lastUnexpected = what;
  }

  String figures() {
    return "operations=%d acknowledged=%d unknown=%d unread=%d refused=%d unsent=%d unexpected=%d%s"
        .formatted(
            operations.sum(),
            acknowledged.sum(),
            unknown.sum(),
            unread.sum(),
            refused.sum(),
            unsent.sum(),
            unexpected.sum(),
            lastUnexpected.isEmpty() ? "" : " (" + lastUnexpected + ")");
  }
}
