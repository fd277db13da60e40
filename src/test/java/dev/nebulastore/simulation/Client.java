package dev.nebulastore.simulation;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.KvException.DeadlineExceeded;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.KvException.ShardFailure;
import dev.nebulastore.kv.KvException.ShardSetAside;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.router.ShardRouter;
import dev.nebulastore.simulation.Act.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * A client, which executes a few commands and transactions. It begins some commands together.
 *
 * @param keys the number of keys
 * @param seen the last entry of each key that any client received
 * @param nextValue returns each value once
 * @param polls whether the client polls for outcomes instead of waiting for them
 * @param deadline the maximum duration of a command in nanoseconds
 * @param whenTold runs when the client is notified of an outcome; may throw
 */
record Client(
    String name,
    Scheduler scheduler,
    ShardRouter router,
    Ledger ledger,
    Tally tally,
    RandomGenerator random,
    int keys,
    Map<Integer, Entry> seen,
    IntSupplier nextValue,
    boolean polls,
    long deadline,
    int acts,
    int pauseNanos,
    int transactions,
    Runnable whenTold) {

  private static final long LOOK_NANOS = 20_000_000;

  private record Begun(Act act, long called, Watch watch, Keyspace.Pending pending) {}

  /** When a call began, and how long its thread had been delayed before. */
  private record Watch(long began, long delayed) {}

  void run() {
    for (int i = 0; i < acts; i++) {
      scheduler.parkNanos(this, random.nextInt(pauseNanos));
      if (random.nextInt(100) < transactions) {
        transact();
      } else {
        together(random.nextInt(8) == 0 ? 3 : 1);
      }
    }
  }

  private int anyKey() {
    return random.nextInt(keys);
  }

  private Act anyAct(int key) {
    Kind[] kinds = Kind.values();
    // At least half of the commands are reads or puts, which are never refused.
    Kind kind = kinds[random.nextBoolean() ? random.nextInt(2) : random.nextInt(kinds.length)];
    return new Act(kind, key, nextValue.getAsInt(), seen.get(key));
  }

  private Watch watch() {
    return new Watch(scheduler.nanoTime(), scheduler.running().delayed);
  }

  private void requireInTime(Watch watch, long limit, String what) {
    long delayed = scheduler.running().delayed - watch.delayed();
    long waited = scheduler.nanoTime() - watch.began() - delayed;
    if (waited > limit) {
      ledger.breach("%s waited for %d ns too long".formatted(what, waited - limit));
    }
  }

  private void together(int count) {
    if (count > 1 && !polls) {
      tally.count(Tally.Event.BATCH);
      new Batch(this).run(IntStream.range(0, 2 * count).mapToObj(i -> anyAct(anyKey())).toList());
    } else {
      command(count);
    }
  }

  private void command(int together) {
    List<Begun> begun = new ArrayList<>();
    // Like an event loop, which begins several requests before it wakes the workers.
    List<Runnable> wakeUps = new ArrayList<>();
    for (int i = 0; i < together; i++) {
      Act act = anyAct(anyKey());
      tally.count(Tally.Event.OPERATION);
      long called = ledger.tick();
      Watch watch = watch();
      try {
        begun.add(new Begun(act, called, watch, begin(act, wakeUps::add)));
      } catch (KvException e) {
        failed(act, called, e);
      }
    }
    wakeUps.forEach(Runnable::run);
    begun.forEach(this::await);
  }

  private Keyspace.Pending begin(Act act, Executor wakeUps) {
    Thread me = Thread.currentThread();
    return polls
        ? router.begin(act.command(), ContentBudget.UNLIMITED, () -> tell(me), wakeUps)
        : router.begin(act.command());
  }

  private void tell(Thread me) {
    whenTold.run();
    LockSupport.unpark(me);
  }

  /**
   * Polls like an event loop, which is notified of outcomes, checks now and then, and enforces
   * deadlines itself.
   */
  private Outcome poll(Begun begun) {
    while (true) {
      Outcome outcome = begun.pending().poll();
      if (outcome != null) {
        return outcome;
      }
      long left = begun.watch().began() + deadline - scheduler.nanoTime();
      scheduler.parkNanos(this, Math.clamp(left, 1, LOOK_NANOS));
    }
  }

  private void await(Begun begun) {
    Act act = begun.act();
    try {
      answered(act, begun.called(), polls ? poll(begun) : begun.pending().await());
    } catch (KvException e) {
      failed(act, begun.called(), e);
    }
    requireInTime(begun.watch(), deadline, act.toString());
  }

  void answered(Act act, long called, Outcome outcome) {
    ledger.answered(
        name + " " + act + " = " + Act.text(outcome),
        called,
        state ->
            act.isAnsweredBy(outcome, state) ? Optional.of(act.after(state)) : Optional.empty());
    scheduler.mark(act.value());
    note(act, outcome);
  }

  private void note(Act act, Outcome outcome) {
    Entry shown = Act.shown(outcome);
    if (shown != null) {
      seen.put(act.key(), shown);
    }
    boolean written =
        outcome instanceof Outcome.Created
            || outcome instanceof Outcome.Replaced
            || outcome instanceof Outcome.Added;
    if (shown != null && written) {
      ledger.acknowledged(act.key(), Act.valueOf(shown));
    }
  }

  void failed(Act act, long called, KvException e) {
    if (!isOpen(e)) {
      ledger.refused(act.value());
    } else if (act.writes()) {
      ledger.unknown(name + " " + act, called, state -> Optional.of(act.after(state)));
    }
  }

  private boolean isOpen(KvException e) {
    count(e);
    scheduler.mark(e.code().hashCode());
    ledger.require(e instanceof ShardFailure, "not a ShardFailure: " + e);
    return e instanceof ShardFailure failure && Ledger.isOpen(failure.applied());
  }

  private void count(KvException e) {
    switch (e) {
      case DeadlineExceeded _ -> tally.count(Tally.Event.DEADLINE_EXCEEDED);
      case MailboxFull _ -> tally.count(Tally.Event.MAILBOX_FULL);
      case ShardSetAside _ -> tally.count(Tally.Event.SET_ASIDE);
      case ShardFailure failure when Ledger.isOpen(failure.applied()) ->
          tally.count(Tally.Event.UNKNOWN);
      case KvException _ -> {}
    }
  }

  private void transact() {
    tally.count(Tally.Event.TRANSACTION);
    int key = anyKey();
    Deal deal =
        new Deal(
            key,
            random.nextInt(3) == 0 ? null : seen.get(key),
            anyActs(),
            random.nextBoolean() ? anyActs() : List.of());
    long called = ledger.tick();
    Watch watch = watch();
    String what = name + " " + deal;
    try {
      TransactionOutcome outcome = router.execute(deal.transaction(), ContentBudget.UNLIMITED);
      ledger.answered(what + " = " + outcome, called, state -> deal.after(state, outcome));
      scheduler.mark(called);
      note(deal, outcome);
    } catch (KvException e) {
      if (isOpen(e)) {
        ledger.unknown(what, called, deal::after);
      } else {
        deal.then().forEach(act -> ledger.refused(act.value()));
        deal.otherwise().forEach(act -> ledger.refused(act.value()));
      }
    } catch (RuntimeException | Error e) {
      if (!Faults.isSimulated(e)) {
        throw e;
      }
      // A client over HTTP gets the same response: it may have been applied.
      tally.count(Tally.Event.UNKNOWN);
      ledger.unknown(what, called, deal::after);
    }
    requireInTime(watch, deadline, what);
  }

  private List<Act> anyActs() {
    return IntStream.range(0, random.nextInt(4)).mapToObj(i -> anyAct(anyKey())).toList();
  }

  private void note(Deal deal, TransactionOutcome outcome) {
    if (outcome instanceof TransactionOutcome.Committed(boolean succeeded, List<Outcome> results)) {
      List<Act> taken = succeeded ? deal.then() : deal.otherwise();
      for (int i = 0; i < taken.size(); i++) {
        note(taken.get(i), results.get(i));
      }
    }
  }
}
