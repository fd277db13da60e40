package dev.nebulastore.shard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.nebulastore.kv.KvException.NoSuchShard;
import dev.nebulastore.kv.KvException.ShardSetAside;
import dev.nebulastore.shard.MailboxMessage.Stage;
import dev.nebulastore.shard.ShardStatus.State;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The place of one shard in the table: its worker, or none, and the number of generations so far.
 *
 * <p>Threads: changes are guarded by the lock, so generations follow one another; the worker is
 * read by anyone.
 */
final class Slot {

  private final Execution execution;
  private final int shard;
  private final LongFunction<ShardWorker> hire;
  private final LongConsumer fence;
  private final LongAdder rejected = new LongAdder();
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private long generation;

  private volatile @Nullable ShardWorker worker;
  private volatile long restsUntil;
  private volatile boolean retired;

  /**
   * An empty place.
   *
   * @param hire makes the worker of a generation, and so fences the earlier ones
   * @param fence fences all generations before this one, without a worker
   */
  Slot(Execution execution, int shard, LongFunction<ShardWorker> hire, LongConsumer fence) {
    this.execution = execution;
    this.shard = shard;
    this.hire = hire;
    this.fence = fence;
  }

  int shard() {
    return shard;
  }

  @Nullable ShardWorker worker() {
    return worker;
  }

  void countRejection() {
    rejected.increment();
  }

  /** How long a shard that was quarantined still rests, at least a second. */
  Duration restsFor() {
    Duration left = Duration.ofNanos(restsUntil - execution.nanoTime());
    return left.compareTo(ShardWorkers.RETRY_SOON) < 0 ? ShardWorkers.RETRY_SOON : left;
  }

  /** Gives the shard a worker if it has none: at the start, and after it was quarantined. */
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
        rest = before.relinquish(next.mailbox().queued);
      } finally {
        // Also without them: whoever waits there gives up at its deadline, and the shard serves.
        next.start(rest);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  boolean setAside(long old, Duration about) {
    lock.lock();
    try {
      ShardWorker before = worker;
      if (before == null || before.generation() != old) {
        return false;
      }
      generation++;
      fence.accept(generation);
      restsUntil = execution.nanoTime() + about.toNanos();
      worker = null;
      Stage refused = new Stage(shard, false);
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
    // One that came after stop() must be told, too.
    last.stop();
    try {
      last.join(atMost);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    setAside(last.generation(), ShardWorkers.RETRY_SOON);
  }

  /** Has the worker end when nothing waits, and says whether it has, or there is none. */
  boolean isFinished() {
    ShardWorker last = worker;
    if (last == null) {
      return true;
    }
    last.stop();
    return last.finished();
  }

  /**
   * Takes the worker away for good, with the fence behind it. A call that still comes here is free
   * for its caller, who sees that the key has moved.
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
        Stage left = new Stage(shard, false);
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

  ShardStatus status(boolean running, int capacity) {
    ShardWorker now = worker;
    if (now == null) {
      State state = running && !retired ? State.SET_ASIDE : State.STOPPED;
      return new ShardStatus(shard, state, generations(), 0, capacity, rejected.sum(), false, 0);
    }
    return new ShardStatus(
        shard,
        now.alive() ? State.SERVING : running && !now.finished() ? State.DEAD : State.STOPPED,
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

  /** Counts first: what fails may have taken the generation, and no engine takes one twice. */
  @GuardedBy("lock")
  private ShardWorker next() {
    generation++;
    ShardWorker next = hire.apply(generation);
    retired = false;
    worker = next;
    return next;
  }
}
