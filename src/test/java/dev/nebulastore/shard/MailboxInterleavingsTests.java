package dev.nebulastore.shard;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.OutcomeUnknown;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.storage.memory.MemoryEngines;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The mailbox under all interleavings of short scenarios: several threads offer, one worker takes
 * and executes, one thread replaces the worker. Each accepted message is either executed by the
 * worker, passed on, or answered as unknown, and only one of these. Each refused message is free
 * again.
 */
@Tag("interleavings")
class MailboxInterleavingsTests {

  private static final Stage NEXT = Stage.withdrawn(0);
  private static final Outcome DONE = new Outcome.Absent();

  /** The operations that run concurrently, on a new mailbox each time. */
  public abstract static class Scenario {
    private final int capacity;
    private final Mailbox mailbox;
    private final List<PendingCommand> accepted = new ArrayList<>();
    private final List<PendingCommand> refused = new ArrayList<>();
    private final List<PendingCommand> committed = new ArrayList<>();
    private final List<MailboxMessage> passedOn = new ArrayList<>();
    private final Object books = new Object();
    private int taken;
    private boolean dead;

    // Like the engine: a batch is accepted or refused as a whole, and always refused after fencing.
    private boolean fenced;
    private volatile boolean batchAccepted;

    Scenario(int capacity) {
      this.capacity = capacity;
      this.mailbox = new Mailbox(0, capacity, MemoryEngines.create(0).open(0, 1), () -> {});
    }

    @Operation
    public void offer() {
      Command get = new Command.Get(Key.of("a"), Precondition.NONE);
      PendingCommand call = new PendingCommand(Execution.SYSTEM, get, Duration.ofHours(1));
      Mailbox.Offer offer = mailbox.offer(call);
      synchronized (books) {
        (offer == Mailbox.Offer.ACCEPTED ? accepted : refused).add(call);
      }
    }

    /** Like a worker: takes a batch, decides, submits and responds. A refusal kills it. */
    @Operation(nonParallelGroup = "worker")
    public void work() {
      if (dead) {
        return;
      }
      int batch = mailbox.take(2, () -> batchAccepted = false);
      List<PendingCommand> decided = new ArrayList<>();
      for (int i = 0; i < batch; i++) {
        PendingCommand call = (PendingCommand) mailbox.current(i);
        if (call.move(mailbox.stages.queued, mailbox.stages.begun)
            && call.decide(mailbox.stages.begun, mailbox.stages.decided, DONE)) {
          decided.add(call);
        }
      }
      if (accept()) {
        committed.addAll(decided);
        decided.forEach(call -> call.answerAsDecided(mailbox.stages.decided));
      } else {
        dead = true;
      }
      taken += batch;
    }

    private synchronized boolean accept() {
      batchAccepted = !fenced;
      return batchAccepted;
    }

    private synchronized void fence() {
      fenced = true;
    }

    /** Like the replacement of a worker. */
    @Operation(runOnce = true)
    public void replace() {
      fence();
      passedOn.addAll(mailbox.close(NEXT, () -> batchAccepted));
    }

    @Validate
    public void nothingIsLostNorHandedOutTwice() {
      if (!mailbox.isClosed()) {
        require(mailbox.size() <= capacity, "more wait than may");
        require(taken > 0 || mailbox.size() == accepted.size(), "what was accepted waits");
        require(refused.isEmpty() || accepted.size() >= capacity, "refused without need");
        while (!mailbox.isEmpty()) {
          work();
        }
      }
      for (PendingCommand call : refused) {
        require(call.state() == Stage.FREE, "what was refused is free again");
      }
      for (MailboxMessage message : passedOn) {
        require(message.state() == NEXT, "what was passed on is the successor's");
        require(!committed.contains(message), "what was committed is done");
      }
      for (PendingCommand call : accepted) {
        int ends = DONE.equals(call.state()) || call.state() instanceof OutcomeUnknown ? 1 : 0;
        ends += Collections.frequency(passedOn, call);
        require(ends == 1, "what was accepted ended so many times: " + ends);
      }
    }

    private static void require(boolean holds, String promise) {
      if (!holds) {
        throw new IllegalStateException("Broken: " + promise);
      }
    }
  }

  /** One message may wait, although the underlying queue has room for two. */
  public static final class Narrow extends Scenario {
    public Narrow() {
      super(1);
    }
  }

  /** Batches of two are taken. */
  public static final class Wide extends Scenario {
    public Wide() {
      super(2);
    }
  }

  private static void check(Class<? extends Scenario> scenario) {
    new ModelCheckingOptions()
        .verifier(EpsilonVerifier.class)
        .addGuarantee(forClasses(OutcomeUnknown.class.getName()).allMethods().ignore())
        .threads(3)
        .actorsPerThread(2)
        .actorsBefore(1)
        .actorsAfter(0)
        .iterations(Integer.getInteger("nebula.test.scenarios", 4))
        .invocationsPerIteration(Integer.getInteger("nebula.test.interleavings", 200))
        .check(scenario);
  }

  @Test
  void messagesAreNeverLostOrPassedOnTwice() {
    check(Wide.class);
  }

  @Test
  void capacityIsNeverExceeded() {
    check(Narrow.class);
  }
}
