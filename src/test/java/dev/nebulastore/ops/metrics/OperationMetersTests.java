package dev.nebulastore.ops.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OperationMetersTests {

  private static final Key KEY = Key.of("a");
  private static final Command GET = new Command.Get(KEY, Precondition.NONE);
  private static final Command PUT =
      new Command.Put(
          KEY, Precondition.NONE, new Value(new byte[0], "text/plain"), Duration.ofDays(1), true);
  private static final Command TOUCH = new Command.Touch(KEY, Precondition.NONE, null);
  private static final Command ADD = new Command.Add(KEY, Precondition.NONE, 1, null);
  private static final Command DELETE = new Command.Delete(KEY, Precondition.NONE);
  private static final Entry ENTRY =
      new Entry(KEY, new Value(new byte[0], "text/plain"), new Revision(1), Instant.EPOCH, null);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final OperationMeters meters = new OperationMeters(registry);

  @Test
  void everyOutcomeHasAMeterFromTheStart() {
    int before = registry.getMeters().size();
    Map.of(
            GET, List.of(new Outcome.Found(ENTRY), new Outcome.NotModified(ENTRY), absent()),
            PUT,
                List.of(
                    new Outcome.Created(ENTRY),
                    new Outcome.Replaced(ENTRY),
                    new Outcome.PreconditionRequired(ENTRY)),
            ADD,
                List.of(
                    new Outcome.Added(ENTRY, true),
                    new Outcome.Added(ENTRY, false),
                    new Outcome.NotANumber(ENTRY)),
            TOUCH, List.of(new Outcome.Touched(ENTRY), absent()),
            DELETE, List.of(new Outcome.Deleted(true), new Outcome.Deleted(false)))
        .forEach((command, outcomes) -> {
          outcomes.forEach(outcome -> meters.answered(command, outcome, 1));
          meters.answered(command, new Outcome.PreconditionFailed(null), 1);
        });
    assertThat(registry.getMeters()).hasSize(before);
  }

  @Test
  void everyFailureHasAMeterFromTheStart() {
    int before = registry.getMeters().size();
    Duration soon = Duration.ofSeconds(1);
    List<KvException> failures =
        List.of(
            new KvException.MailboxFull(0, 1, soon),
            new KvException.DeadlineExceeded(0, soon, soon),
            new KvException.OutcomeUnknown(0),
            new KvException.ShardSetAside(0, soon),
            new KvException.Corrupt(0, "a checksum"),
            new KvException.Stopping(0, soon));
    for (Command command : List.of(GET, PUT, ADD, TOUCH, DELETE)) {
      failures.forEach(failure -> meters.failed(command, failure, 1));
    }
    for (Command write : List.of(PUT, ADD, TOUCH, DELETE)) {
      meters.failed(write, KvException.StoreFull.noRoom(0), 1);
      meters.failed(
          write, new KvException.StoreUnavailable(0, KvException.Applied.NO, "cause", soon), 1);
    }
    assertThat(registry.getMeters()).hasSize(before);
  }

  @Test
  void deletesShowWhetherAnEntryExisted() {
    meters.answered(DELETE, new Outcome.Deleted(true), 5);
    meters.answered(DELETE, new Outcome.Deleted(false), 5);
    for (String outcome : List.of("deleted", "absent")) {
      assertThat(
              registry
                  .get("nebula.operations")
                  .tags("operation", "delete", "outcome", outcome)
                  .timer()
                  .count())
          .as(outcome)
          .isEqualTo(1);
    }
  }

  private static Outcome absent() {
    return new Outcome.Absent();
  }
}
