package dev.nebulastore.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.nebulastore.LogRecorder;
import dev.nebulastore.audit.AuditEvent.Origin;
import dev.nebulastore.audit.AuditEvent.Refused;
import dev.nebulastore.audit.AuditProperties.WhenFull;
import dev.nebulastore.audit.AuditReport.Loss;
import dev.nebulastore.http.Overloaded;
import dev.nebulastore.time.Executions;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of events while their sink waits or fails. */
class AuditTrailTests {

  private static final int QUEUE = 256;
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final InstantSource CLOCK = InstantSource.fixed(Instant.EPOCH);

  @RegisterExtension final LogRecorder log = new LogRecorder(AuditTrail.class);
  private final ScriptedSink sink = new ScriptedSink();
  private AuditTrail trail = AuditTrail.off(settings(WhenFull.DROP), CLOCK);

  private static AuditProperties settings(WhenFull whenFull) {
    return new AuditProperties(true, null, true, QUEUE, whenFull);
  }

  private void start(WhenFull whenFull) {
    // Pauses take no time.
    trail =
        AuditTrail.to(
            sink,
            settings(whenFull),
            CLOCK,
            Executions.over(System::nanoTime, _ -> Thread.onSpinWait()));
  }

  @AfterEach
  void stop() {
    sink.failWith(null);
    sink.unblock();
    trail.close();
  }

  private static AuditEvent event(int number) {
    return new Refused(new Origin("", "", "GET", "/" + number), null, "token-required", 401);
  }

  /** As a request does. */
  private void happen(int number) {
    trail.reserve(1);
    trail.record(event(number));
  }

  /** Fills the queue; the first line is in the hands of the sink. */
  private void fill() {
    sink.block();
    happen(0);
    sink.awaitBlocked();
    for (int i = 1; i < QUEUE; i++) {
      happen(i);
    }
  }

  private void awaitWritten(int lines) {
    await().atMost(SOON).until(() -> sink.lines.size() == lines);
    await().atMost(SOON).until(() -> trail.written() == lines);
  }

  @Test
  void linesAreWrittenInTheirOrder() {
    start(WhenFull.DROP);
    for (int i = 0; i < 100; i++) {
      happen(i);
    }
    awaitWritten(100);
    for (int i = 0; i < 100; i++) {
      assertThat(sink.lines.get(i)).contains("\"time\":\"1970-01-01T00:00:00Z\"", "\"/" + i + "\"");
    }
    assertThat(trail.waiting()).isZero();
  }

  @Test
  void nothingIsRecordedWithoutAnAuditLog() {
    assertThat(trail.isOn()).isFalse();
    assertThat(trail.hasWrites()).isFalse();
    for (int i = 0; i < 2 * QUEUE; i++) {
      happen(i);
    }
    trail.tokensLoaded(1);
    assertThat(trail.written() + trail.lost(Loss.FULL) + trail.waiting()).isZero();
  }

  @Test
  void linesThatFindNoRoomAreLostAndCounted() {
    start(WhenFull.DROP);
    fill();
    for (int i = 0; i < 3; i++) {
      happen(i);
    }
    assertThat(trail.lost(Loss.FULL)).isEqualTo(3);
    assertThat(trail.refused()).isZero();
    sink.unblock();
    awaitWritten(QUEUE);
    happen(9);
    awaitWritten(QUEUE + 1);
  }

  @Test
  void requestsThatFindNoRoomAreRefused() {
    start(WhenFull.REFUSE);
    fill();
    assertThatThrownBy(() -> trail.reserve(1))
        .isInstanceOf(Overloaded.class)
        .hasMessageContaining("nebula.audit.queue");
    assertThat(trail.refused()).isEqualTo(1);
    assertThat(trail.lost(Loss.FULL)).isZero();
    sink.unblock();
    awaitWritten(QUEUE);
    happen(9);
    awaitWritten(QUEUE + 1);
  }

  @Test
  void roomIsReservedBeforeAnythingHappens() {
    start(WhenFull.REFUSE);
    trail.reserve(QUEUE);
    assertThatThrownBy(() -> trail.reserve(1)).isInstanceOf(Overloaded.class);
    trail.release(1);
    assertThatCode(() -> trail.reserve(1)).doesNotThrowAnyException();
    for (int i = 0; i < QUEUE; i++) {
      trail.record(event(i));
    }
    awaitWritten(QUEUE);
    assertThat(trail.lost(Loss.FULL)).isZero();
    await().atMost(SOON).untilAsserted(() -> trail.reserve(QUEUE));
  }

  @Test
  void errorOfTheSinkEndsNothing() {
    start(WhenFull.DROP);
    for (Throwable failure :
        new Throwable[] {
          new OutOfMemoryError("secret"), new IllegalStateException("secret"), new IOException("no")
        }) {
      long before = trail.lost(Loss.FAILED);
      sink.failWith(failure);
      happen(1);
      await().atMost(SOON).until(() -> trail.lost(Loss.FAILED) == before + 1);
      assertThat(trail.trouble())
          .hasValue(failure instanceof IOException ? "no" : failure.getClass().getName());
      sink.failWith(null);
      int written = sink.lines.size();
      happen(2);
      awaitWritten(written + 1);
      assertThat(trail.trouble()).isEmpty();
    }
  }

  @Test
  void interruptEndsNothing() {
    start(WhenFull.DROP);
    Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("nebula-audit"))
        .forEach(Thread::interrupt);
    happen(1);
    awaitWritten(1);
  }

  @Test
  void lineThatMayNotBeLostIsTriedAgain() {
    start(WhenFull.REFUSE);
    sink.failWith(new IOException("No space left on device"));
    happen(1);
    await().atMost(SOON).until(() -> trail.trouble().isPresent());
    for (int i = 1; i < QUEUE; i++) {
      happen(i);
    }
    assertThatThrownBy(() -> trail.reserve(1)).isInstanceOf(Overloaded.class);
    sink.failWith(null);
    awaitWritten(QUEUE);
    assertThat(trail.lost(Loss.FAILED)).isZero();
    assertThat(trail.trouble()).isEmpty();
  }

  @Test
  void reloadsHaveRoomOfTheirOwn() {
    start(WhenFull.REFUSE);
    fill();
    trail.tokensRefused("It is empty.");
    trail.tokensLoaded(2);
    sink.unblock();
    awaitWritten(QUEUE + 2);
    assertThat(sink.lines.get(QUEUE)).contains("\"reason\":\"It is empty.\"");
    assertThat(sink.lines.get(QUEUE + 1)).contains("\"tokens\":2");
  }

  @Test
  void stopWritesWhatWaits() {
    start(WhenFull.DROP);
    fill();
    Thread.startVirtualThread(() -> {
      await().atMost(SOON).until(this::isStopping);
      sink.unblock();
    });
    trail.close();
    assertThat(sink.lines).hasSize(QUEUE);
    assertThat(sink.isClosed()).isTrue();
    assertThat(log.lines()).isEmpty();
  }

  private boolean isStopping() {
    trail.record(event(-1));
    return trail.lost(Loss.STOPPED) > 0;
  }

  @Test
  void stopDoesNotWaitForEver() {
    start(WhenFull.DROP);
    fill();
    trail.close(Duration.ofMillis(50));
    assertThat(trail.lost(Loss.STOPPED)).isEqualTo(QUEUE - 1);
    assertThat(log.levels()).containsExactly(Level.WARN);
    trail.record(event(1));
    assertThat(trail.lost(Loss.STOPPED)).isEqualTo(QUEUE);
  }

  @Test
  void stopDoesNotWaitForADiskThatIsFull() {
    start(WhenFull.REFUSE);
    sink.failWith(new IOException("No space left on device"));
    for (int i = 0; i < 10; i++) {
      happen(i);
    }
    trail.close(Duration.ofMillis(50));
    await().atMost(SOON).until(sink::isClosed);
    assertThat(trail.lost(Loss.FAILED) + trail.lost(Loss.STOPPED)).isEqualTo(10);
  }
}
