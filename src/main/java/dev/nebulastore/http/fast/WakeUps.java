package dev.nebulastore.http.fast;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The wake-ups that an event loop puts off until it has begun several requests.
 *
 * <p>A thread that is woken for each request runs at once where there is one processor, finds one
 * command, and parks again. That costs two switches of the processor for each request, which is a
 * third of a small one. Woken after {@value #MAX} requests, or when the loop has begun all that
 * have come, it finds them all.
 *
 * <p>Threads: confined to the event loop's.
 */
final class WakeUps implements Executor {

  /** More would have the disk wait: on two processors 64 requests a time sync later than 16. */
  static final int MAX = 16;

  private final @Nullable Runnable[] waiting = new @Nullable Runnable[MAX];
  private int count;

  /** Puts a wake-up off, but for not more than {@value #MAX} of them. */
  @Override
  public void execute(Runnable wakeUp) {
    waiting[count++] = wakeUp;
    if (count == MAX) {
      run();
    }
  }

  /** Runs all. One that fails is not run again, and leaves the others to the next call. */
  void run() {
    while (count > 0) {
      Runnable next = waiting[--count];
      waiting[count] = null;
      if (next != null) {
        next.run();
      }
    }
  }
}
