package dev.nebulastore.shard;

import java.util.concurrent.locks.LockSupport;

/**
 * Where the room takes its time and its threads from: the machine, or a simulation that decides who
 * runs next and when it is later.
 *
 * <p>Threads: safe for all.
 */
interface Execution {

  /** The machine's. */
  Execution MACHINE =
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
        public Thread worker(String name, Runnable task) {
          return Thread.ofVirtual().name(name).unstarted(task);
        }

        @Override
        public Thread watcher(String name, Runnable task) {
          return Thread.ofPlatform().daemon().name(name).unstarted(task);
        }
      };

  /** As {@link System#nanoTime}. */
  long nanoTime();

  /** As {@link LockSupport#parkNanos(Object, long)}. */
  void parkNanos(Object blocker, long nanos);

  /** A virtual thread, not yet started. */
  Thread worker(String name, Runnable task);

  /** A thread that runs also when all workers are stuck, not yet started. */
  Thread watcher(String name, Runnable task);
}
