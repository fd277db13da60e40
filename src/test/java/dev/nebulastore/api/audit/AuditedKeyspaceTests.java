package dev.nebulastore.api.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.audit.AuditEvent.Origin;
import dev.nebulastore.audit.RecordedTrail;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.router.Keyspace;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When writes have a line, and when not. */
class AuditedKeyspaceTests {

  private static final Command DELETE = new Command.Delete(Key.of("a"), Precondition.NONE);

  /** A keyspace that does what a test says with each command. */
  private static final class Script implements Keyspace {
    private final MailboxFull full = new MailboxFull(0, 1, Duration.ofSeconds(1));
    private @Nullable Throwable atOnce;
    private @Nullable RuntimeException later;
    private @Nullable Outcome outcome;

    @Override
    public Pending begin(
        Command command, ContentBudget budget, @Nullable Runnable onOutcome, Executor wakeUps) {
      if (atOnce instanceof Error error) {
        throw error;
      }
      if (atOnce instanceof RuntimeException e) {
        throw e;
      }
      return new Pending() {
        @Override
        public Command command() {
          return command;
        }

        @Override
        public boolean isAnswered() {
          return outcome != null;
        }

        @Override
        public Outcome await() {
          Outcome answer = poll();
          if (answer == null) {
            throw new IllegalStateException("It would wait");
          }
          return answer;
        }

        @Override
        public @Nullable Outcome poll() {
          if (later != null) {
            throw later;
          }
          return outcome;
        }
      };
    }

    @Override
    public TransactionOutcome execute(Transaction transaction, ContentBudget budget) {
      throw full;
    }

    @Override
    public ScanPage scan(KeyRange range, int limit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public byte[] secret() {
      return new byte[0];
    }

    @Override
    public Predicate<EntryMetadata> writtenByNow() {
      return _ -> true;
    }
  }

  private final Script script = new Script();
  private final RecordedTrail recorded = new RecordedTrail();
  private final Keyspace audited =
      new AuditedKeyspace(
          script, recorded.trail(), new Origin("ci", "192.0.2.7", "DELETE", "/kv/"));

  @AfterEach
  void close() {
    recorded.close();
  }

  private void hasNoLineAndAllRoom() {
    assertThatCode(() -> recorded.trail().reserve(RecordedTrail.QUEUE)).doesNotThrowAnyException();
    assertThat(recorded.lines()).isEmpty();
  }

  @Test
  void writesThatNoShardAcceptsHaveNoLine() {
    script.atOnce = script.full;
    for (int i = 0; i < 2 * RecordedTrail.QUEUE; i++) {
      assertThatThrownBy(() -> audited.execute(DELETE)).isSameAs(script.full);
    }
    hasNoLineAndAllRoom();
  }

  @Test
  void readsHaveNoLine() {
    script.outcome = new Outcome.Absent();
    assertThat(audited.execute(new Command.Get(Key.of("a"), Precondition.NONE)))
        .isEqualTo(script.outcome);
    hasNoLineAndAllRoom();
  }

  @Test
  void eachWayToAskRecordsTheOutcomeOnce() {
    Keyspace.Pending pending = audited.begin(DELETE);
    assertThat(pending.poll()).isNull();
    script.outcome = new Outcome.Deleted(true);
    assertThat(pending.isAnswered()).isTrue();
    assertThat(pending.poll()).isNotNull();
    RequestAudit.abandon(pending);
    assertThat(audited.execute(DELETE)).isNotNull();
    assertThat(recorded.lines())
        .hasSize(2)
        .allMatch(line -> line.endsWith("\"operation\":\"delete\",\"status\":204}"));
  }

  @Test
  void failuresAreRecordedWithTheirStatus() {
    script.later = script.full;
    assertThatThrownBy(() -> audited.execute(DELETE)).isSameAs(script.full);
    assertThatThrownBy(() -> audited.begin(DELETE).poll()).isSameAs(script.full);
    script.later = new IllegalStateException("a bug");
    assertThatThrownBy(() -> audited.execute(DELETE)).isSameAs(script.later);
    assertThat(recorded.lines())
        .satisfiesExactly(
            line -> assertThat(line).endsWith("\"status\":503}"),
            line -> assertThat(line).endsWith("\"status\":503}"),
            line -> assertThat(line).endsWith("\"status\":500}"));
  }

  /** The client of the fast path has gone: the write may be done all the same. */
  @Test
  void writeOfAClientThatHasGoneHasALine() {
    RequestAudit.abandon(audited.begin(DELETE));
    script.outcome = new Outcome.Deleted(true);
    RequestAudit.abandon(audited.begin(DELETE));
    script.later = script.full;
    RequestAudit.abandon(audited.begin(DELETE));
    assertThat(recorded.lines())
        .satisfiesExactly(
            line -> assertThat(line).endsWith("\"operation\":\"delete\"}"),
            line -> assertThat(line).endsWith("\"status\":204}"),
            line -> assertThat(line).endsWith("\"status\":503}"));
  }

  @Test
  void writeThatFailsWithAnErrorHasALine() {
    script.atOnce = new OutOfMemoryError("planted");
    assertThatThrownBy(() -> audited.begin(DELETE)).isSameAs(script.atOnce);
    assertThat(recorded.lines()).singleElement().asString().endsWith("\"operation\":\"delete\"}");
  }

  @Test
  void failedTransactionHasALineForEachKey() {
    Command other = new Command.Delete(Key.of("b"), Precondition.NONE);
    Transaction transaction =
        new Transaction(List.of(), List.of(DELETE, DELETE), List.of(other, DELETE));
    assertThatThrownBy(() -> audited.execute(transaction, ContentBudget.UNLIMITED))
        .isSameAs(script.full);
    assertThat(recorded.lines())
        .hasSize(2)
        .allMatch(line -> line.endsWith("\"operation\":\"transaction\",\"status\":503}"));
  }
}
