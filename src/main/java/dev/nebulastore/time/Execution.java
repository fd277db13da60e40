package dev.nebulastore.time;

import java.util.concurrent.locks.LockSupport;

/**
 * Provides elapsed time, parking, and threads: those of the JVM, or those of a simulation that
 * decides which thread runs next and how much time has passed.
 *
 * <p>{@link LockSupport#park} without a timeout and {@link LockSupport#unpark} need no seam: they
 * work alike on the virtual threads of a simulation.
 *
 * <p>Threads: safe for all.
 */
public interface Execution {

  /** That of the JVM. */
  Execution SYSTEM =
      new Execution() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public void parkNanos(Object blocker, long nanos) {
          LockSupport.parkNanos(blocker, nanos);
        }

        @Override
        public Thread virtualThread(String name, Runnable task) {
          return Thread.ofVirtual().name(name).unstarted(task);
        }

        @Override
        public Thread platformThread(String name, Runnable task) {
          return Thread.ofPlatform().daemon().name(name).unstarted(task);
        }
      };

  /** Elapsed time in nanoseconds since an arbitrary origin, as {@link System#nanoTime}. */
  long nanoTime();

  /**
   * Parks the current thread until it is unparked or interrupted, or the time has elapsed, as
   * {@link LockSupport#parkNanos(Object, long)}.
   *
   * @param blocker what the thread waits for, as thread dumps show it
   * @param nanos the longest time to wait; does not wait at all if it is not positive
   */
  void parkNanos(Object blocker, long nanos);

  /** Creates a virtual thread that is not started yet. */
  Thread virtualThread(String name, Runnable task);

  /**
   * Creates a daemon platform thread that is not started yet. It runs even when all carriers of
   * virtual threads are blocked.
   */
  Thread platformThread(String name, Runnable task);
}
