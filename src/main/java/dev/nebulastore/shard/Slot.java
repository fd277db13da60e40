package dev.nebulastore.shard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.KvException.NoSuchShard;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.ShardSetAside;
import dev.nebulastore.kv.KvException.Stopping;
import dev.nebulastore.shard.ShardStatus.State;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One shard in the registry: its worker, or none, and the number of generations so far.
 *
 * <p>Replacing a worker: the engine opens the store of the next generation, which fences the old
 * one; the new worker takes the slot; the old one is closed, and what it did not execute passes to
 * the new one ahead of anything else; the new one starts. So a message that finds a closed mailbox
 * finds another worker, or none, at the next look.
 *
 * <p>Threads: changes are guarded by the lock, so generations follow one another; the worker is
 * read by anyone.
 */
final class Slot {

  private final Execution execution;
  private final int shard;
  private final int capacity;
  private final BooleanSupplier running;
  private final LongFunction<ShardWorker> create;
  private final LongConsumer fence;
  private final LongAdder rejected = new LongAdder();
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private long generation;

  private volatile @Nullable ShardWorker worker;
  private volatile long quarantinedUntil;
  private volatile boolean retired;

  /**
   * An empty slot.
   *
   * @param capacity how many messages may wait for a worker
   * @param running whether the server is running
   * @param create creates the worker of a generation, and so fences the earlier ones
   * @param fence fences all generations before this one, without a worker
   */
  Slot(
      Execution execution,
      int shard,
      int capacity,
      BooleanSupplier running,
      LongFunction<ShardWorker> create,
      LongConsumer fence) {
    this.execution = execution;
    this.shard = shard;
    this.capacity = capacity;
    this.running = running;
    this.create = create;
    this.fence = fence;
  }

  /**
   * Adds a free message to the mailbox of the worker.
   *
   * @throws ShardFailure if it was not accepted; it is free then
   */
  void offer(MailboxMessage message, Executor wakeUps) {
    while (true) {
      ShardWorker now = worker;
      if (now == null) {
        throw unavailable();
      }
      switch (now.offer(message, wakeUps)) {
        case ACCEPTED -> {
          return;
        }
        case FULL -> {
          countRejection();
          throw new MailboxFull(shard, capacity, RetryAfter.SOON);
        }
        case CLOSED -> Thread.onSpinWait();
      }
    }
  }

  /**
   * The worker.
   *
   * @throws ShardFailure if there is none
   */
  ShardWorker worker() {
    ShardWorker now = worker;
    if (now == null) {
      throw unavailable();
    }
    return now;
  }

  /** Why there is no worker. */
  private ShardFailure unavailable() {
    return running.getAsBoolean()
        ? new ShardSetAside(shard, quarantineLeft())
        : new Stopping(shard, RetryAfter.SOON);
  }

  void countRejection() {
    rejected.increment();
  }

  /** How long the shard stays in quarantine, at least a second. */
  private Duration quarantineLeft() {
    Duration left = Duration.ofNanos(quarantinedUntil - execution.nanoTime());
    return left.compareTo(RetryAfter.SOON) < 0 ? RetryAfter.SOON : left;
  }

  /** Gives the shard a worker if it has none: at the start, and after a quarantine. */
  void fill() {
    lock.lock();
    try {
      if (worker == null) {
        next().start(List.of());
      }
    } finally {
      lock.unlock();
    }
  }

  /** Replaces the worker of this generation; false if there is another one, or none. */
  boolean replace(long old) {
    lock.lock();
    try {
      ShardWorker before = worker;
      if (before == null || before.generation() != old) {
        return false;
      }
      ShardWorker next = next();
      List<MailboxMessage> rest = List.of();
      try {
        rest = before.relinquish(next.mailbox().stages.queued);
      } finally {
        // Also without them: their callers give up at their deadlines, and the shard serves.
        next.start(rest);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Removes the worker of this generation, for about this long; false if it is not there. */
  boolean quarantine(long old, Duration about) {
    lock.lock();
    try {
      ShardWorker before = worker;
      if (before == null || before.generation() != old) {
        return false;
      }
      generation++;
      fence.accept(generation);
      quarantinedUntil = execution.nanoTime() + about.toNanos();
      worker = null;
      Stage refused = Stage.withdrawn(shard);
      ShardSetAside why = new ShardSetAside(shard, about);
      for (MailboxMessage message : before.relinquish(refused)) {
        message.fail(refused, why);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  void stop() {
    ShardWorker last = worker;
    if (last != null) {
      last.stop();
    }
  }

  /** Waits for the worker to end, and closes it in any case. */
  void awaitStop(Duration atMost) {
    ShardWorker last = worker;
    if (last == null) {
      return;
    }
    // One that was created after stop() must be stopped, too.
    last.stop();
    try {
      last.join(atMost);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    quarantine(last.generation(), RetryAfter.SOON);
  }

  /** Has the worker end when nothing waits. Returns whether it has ended, or there is none. */
  boolean isFinished() {
    ShardWorker last = worker;
    if (last == null) {
      return true;
    }
    last.stop();
    return last.finished();
  }

  /**
   * Removes the worker for good, with the fence behind it. A command that still arrives here is
   * free for its caller, which notices that the key has moved.
   */
  void retire() {
    lock.lock();
    try {
      ShardWorker last = worker;
      generation++;
      fence.accept(generation);
      retired = true;
      worker = null;
      if (last != null) {
        Stage left = Stage.withdrawn(shard);
        for (MailboxMessage message : last.relinquish(left)) {
          switch (message) {
            case PendingCommand call -> call.move(left, Stage.FREE);
            case BarrierRequest request -> request.fail(left, new NoSuchShard(shard));
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  ShardStatus status() {
    ShardWorker now = worker;
    boolean serverRuns = running.getAsBoolean();
    if (now == null) {
      State state = serverRuns && !retired ? State.QUARANTINED : State.STOPPED;
      return new ShardStatus(shard, state, generations(), 0, capacity, rejected.sum(), false, 0);
    }
    return new ShardStatus(
        shard,
        now.alive() ? State.SERVING : serverRuns && !now.finished() ? State.DEAD : State.STOPPED,
        now.generation(),
        now.waiting(),
        capacity,
        rejected.sum(),
        now.busy(),
        now.progress());
  }

  private long generations() {
    lock.lock();
    try {
      return generation;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Counts first: a failed attempt may have taken the generation, and no engine takes one twice.
   */
  @GuardedBy("lock")
  private ShardWorker next() {
    generation++;
    ShardWorker next = create.apply(generation);
    retired = false;
    worker = next;
    return next;
  }
}
