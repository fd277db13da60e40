package dev.nebulastore.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.kv.Outcome;
import dev.nebulastore.storage.Thrown;
import dev.nebulastore.storage.memory.MemoryEngines;
import dev.nebulastore.time.Execution;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A mailbox used by one thread. {@link MailboxInterleavingsTests} covers concurrent use. */
class MailboxTests {

  private static final int CAPACITY = 4;
  private static final Stage NEXT = Stage.withdrawn(0);
  private static final Duration LONG = Duration.ofHours(1);

  private final AtomicInteger placed = new AtomicInteger();
  private final AtomicInteger unparked = new AtomicInteger();
  private final Mailbox mailbox = mailbox(0);
  private final Mailbox other = mailbox(1);

  private Mailbox mailbox(int shard) {
    return new Mailbox(
        shard, CAPACITY, MemoryEngines.create(0).open(shard, 1), unparked::incrementAndGet);
  }

  private static PendingCommand write(String key) {
    return new PendingCommand(Execution.SYSTEM, OneShard.put(key, ""), LONG);
  }

  private static BarrierRequest request() {
    return new BarrierRequest(
        Execution.SYSTEM, 0, true, LONG, Execution.SYSTEM.nanoTime() + LONG.toNanos());
  }

  private static <T extends MailboxMessage> T offered(Mailbox to, T message) {
    assertThat(to.offer(message)).isEqualTo(Mailbox.Offer.ACCEPTED);
    return message;
  }

  private static List<MailboxMessage> taken(Mailbox from, int limit) {
    List<MailboxMessage> taken = new ArrayList<>();
    int count = from.take(limit, () -> {});
    for (int i = 0; i < count; i++) {
      taken.add(from.current(i));
    }
    return taken;
  }

  private boolean handOff() {
    return mailbox.handOff(
        Map.of(1, other), key -> key.toString().startsWith("k") ? 1 : 0, placed::incrementAndGet);
  }

  @Test
  void urgentRequestsAreTakenWithTheNextBatch() {
    List<PendingCommand> calls =
        IntStream.range(0, CAPACITY).mapToObj(i -> offered(mailbox, write("k"))).toList();
    PendingCommand refused = write("k");
    assertThat(mailbox.offer(refused)).isEqualTo(Mailbox.Offer.FULL);
    BarrierRequest request = offered(mailbox, request());
    assertThat(taken(mailbox, 0)).isEmpty();
    assertThat(taken(mailbox, 2)).containsExactly(calls.get(0), calls.get(1), request);
    assertThat(taken(mailbox, 2)).containsExactly(calls.get(2), calls.get(3));
  }

  /** Otherwise a worker could become idle although a request waits. */
  @Test
  void mailboxWithAnUrgentRequestIsNotEmpty() {
    BarrierRequest request = offered(mailbox, request());
    assertThat(mailbox.isEmpty()).isFalse();
    assertThat(mailbox.size()).isEqualTo(1);
    assertThat(taken(mailbox, CurrentBatch.MAX_SIZE)).containsExactly(request);
    assertThat(mailbox.isEmpty()).isTrue();
  }

  @Test
  void urgentRequestsArePassedOnOrRefusedAtTheClose() {
    PendingCommand call = offered(mailbox, write("k"));
    BarrierRequest request = offered(mailbox, request());
    assertThat(mailbox.close(NEXT, () -> false)).containsExactly(request, call);
    assertThat(request.state()).isSameAs(NEXT);
    BarrierRequest late = request();
    assertThat(mailbox.offer(late)).isEqualTo(Mailbox.Offer.CLOSED);
    assertThat(late.state()).isSameAs(Stage.FREE);
  }

  @Test
  void handoffKeepsTheOrderOfCommands() {
    PendingCommand inherited = write("k");
    assertThat(inherited.move(Stage.FREE, mailbox.stages.queued)).isTrue();
    mailbox.inherit(List.of(inherited));
    PendingCommand first = offered(mailbox, write("k1"));
    PendingCommand stays = offered(mailbox, write("s"));
    PendingCommand second = offered(mailbox, write("k2"));
    PendingCommand givenUp = offered(mailbox, write("k3"));
    assertThat(givenUp.fail(mailbox.stages.queued, givenUp.deadlineExceeded(0))).isTrue();
    PendingCommand waits = offered(other, write("o"));
    assertThat(handOff()).isTrue();
    assertThat(placed).hasValue(1);
    assertThat(other.isEmpty()).isFalse();
    assertThat(unparked).as("an idle worker is woken").hasValue(1);
    assertThat(taken(other, 10)).containsExactly(inherited, first, second, waits);
    assertThat(other.isEmpty()).isTrue();
    assertThat(first.state()).isSameAs(other.stages.queued);
    assertThat(taken(mailbox, 10)).containsExactly(stays);
    assertThat(stays.state()).isSameAs(mailbox.stages.queued);
  }

  /** The worker may continue at any time, also just after the engine's answer was checked. */
  @Test
  void closeNeverMistakesTheLastBatchForTheCurrent() {
    AtomicBoolean accepted = new AtomicBoolean(true);
    PendingCommand call = offered(mailbox, write("k"));
    int taken = mailbox.take(1, () -> accepted.set(false));
    assertThat(taken).isEqualTo(1);
    List<MailboxMessage> rest =
        mailbox.close(
            NEXT,
            () -> {
              boolean answered = accepted.get();
              assertThat(call.move(mailbox.stages.queued, mailbox.stages.begun)).isTrue();
              assertThat(
                      call.decide(
                          mailbox.stages.begun, mailbox.stages.decided, new Outcome.Absent()))
                  .isTrue();
              return answered;
            });
    assertThat(rest).containsExactly(call);
    assertThat(call.state()).isSameAs(NEXT);
  }

  /** A concurrent close has to wait, and then asks about the current batch. */
  @Test
  void releasingAndTakingABatchIsAtomic() throws InterruptedException {
    AtomicBoolean accepted = new AtomicBoolean(true);
    List<Boolean> asked = new CopyOnWriteArrayList<>();
    Thread closing =
        Thread.ofPlatform()
            .unstarted(() -> {
              var _ =
                  mailbox.close(
                      NEXT,
                      () -> {
                        asked.add(accepted.get());
                        return false;
                      });
            });
    PendingCommand call = offered(mailbox, write("k"));
    var _ =
        mailbox.take(
            1,
            () -> {
              closing.start();
              await()
                  .until(() ->
                      closing.getState() == Thread.State.WAITING
                          || closing.getState() == Thread.State.TERMINATED);
              accepted.set(false);
            });
    closing.join();
    assertThat(asked).containsExactly(false);
    assertThat(call.state()).isSameAs(NEXT);
  }

  /** A handoff to a closed mailbox does nothing, and its messages stay with the successor. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void nothingIsHandedOverIfOneIsClosed(int closed) {
    PendingCommand call = offered(mailbox, write("k"));
    var _ = (closed == 0 ? mailbox : other).close(NEXT, () -> false);
    assertThat(handOff()).isFalse();
    assertThat(placed).as("no key has moved").hasValue(0);
    assertThat(call.state()).isSameAs(closed == 0 ? NEXT : mailbox.stages.queued);
    assertThat(taken(other, 10)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void failedCloseRemovesNothing(Thrown what) {
    PendingCommand current = offered(mailbox, write("k"));
    assertThat(taken(mailbox, 1)).containsExactly(current);
    PendingCommand waiting = offered(mailbox, write("k"));
    BooleanSupplier failing =
        () -> {
          what.now();
          return false;
        };
    assertThatThrownBy(() -> mailbox.close(NEXT, failing)).hasMessage("thrown by a test");
    assertThat(mailbox.close(NEXT, () -> false)).containsExactly(current, waiting);
  }
}
