package dev.nebulastore.ops.metrics;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.KvException;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.router.ShardRouter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Times every command by operation and outcome ({@code nebula.operations}) and every scan ({@code
 * nebula.scans}).
 *
 * <p>Threads: thread-safe.
 */
@Component
final class OperationMeters implements ShardRouter.Listener {

  private static final Duration[] BUCKETS = {
    Duration.ofNanos(50_000),
    Duration.ofNanos(100_000),
    Duration.ofNanos(250_000),
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofNanos(2_500_000),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(5)
  };

  private static final String TRANSACTION = "transaction";

  /** The outcomes that every operation has in addition to its own. */
  private static final List<String> ANY =
      List.of(
          "precondition-failed",
          "mailbox-full",
          "deadline-exceeded",
          "outcome-unknown",
          "corrupt",
          "shard-set-aside",
          "stopping");

  private static final Map<String, List<String>> OUTCOMES =
      Map.of(
          "get",
          List.of("found", "not-modified", "absent"),
          "put",
          List.of(
              "created", "replaced", "precondition-required", "store-full", "store-unavailable"),
          "add",
          List.of("created", "added", "not-a-number", "store-full", "store-unavailable"),
          "touch",
          List.of("touched", "absent", "store-full", "store-unavailable"),
          "delete",
          List.of("deleted", "absent", "store-full", "store-unavailable"),
          TRANSACTION,
          List.of("succeeded", "otherwise", "conflict", "store-full", "store-unavailable"));

  private record Kind(String operation, String outcome) {}

  private final MeterRegistry registry;
  private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();

  // These are nearly all of the traffic and need no lookup.
  private final Timer found;
  private final Timer created;
  private final Timer replaced;

  private final Timer scans;
  private final Counter scanned;

  OperationMeters(MeterRegistry registry) {
    this.registry = registry;
    this.found = timer("get", "found");
    this.created = timer("put", "created");
    this.replaced = timer("put", "replaced");
    this.scans =
        Timer.builder("nebula.scans")
            .description("Bounded scans of the keys, of which a listing makes many")
            .register(registry);
    this.scanned =
        Counter.builder("nebula.scans.entries")
            .description("Entries found by scans")
            .register(registry);
    // All exist from the start, so that a rate includes the first event.
    OUTCOMES.forEach((operation, outcomes) ->
        Stream.concat(outcomes.stream(), ANY.stream())
            .forEach(outcome -> timer(operation, outcome)));
  }

  @Override
  public void answered(Command command, Outcome outcome, long nanos) {
    Timer timer =
        switch (outcome) {
          case Outcome.Found _ -> found;
          case Outcome.Created _ -> created;
          case Outcome.Replaced _ -> replaced;
          case Outcome.Added(var _, boolean isNew) ->
              timer(operation(command), isNew ? "created" : "added");
          case Outcome.NotANumber _ -> timer(operation(command), "not-a-number");
          case Outcome.NotModified _ -> timer(operation(command), "not-modified");
          case Outcome.Absent _ -> timer(operation(command), "absent");
          case Outcome.Touched _ -> timer(operation(command), "touched");
          case Outcome.Deleted(boolean existed) ->
              timer(operation(command), existed ? "deleted" : "absent");
          case Outcome.PreconditionFailed _ -> timer(operation(command), "precondition-failed");
          case Outcome.PreconditionRequired _ -> timer(operation(command), "precondition-required");
        };
    timer.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void failed(Command command, KvException failure, long nanos) {
    timer(operation(command), failure.code()).record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void scanned(int found, long nanos) {
    scans.record(nanos, TimeUnit.NANOSECONDS);
    scanned.increment(found);
  }

  @Override
  public void answered(Transaction transaction, TransactionOutcome outcome, long nanos) {
    String word =
        switch (outcome) {
          case TransactionOutcome.Committed(boolean succeeded, var _) ->
              succeeded ? "succeeded" : "otherwise";
          case TransactionOutcome.Conflict _ -> "conflict";
        };
    timer(TRANSACTION, word).record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void failed(Transaction transaction, KvException failure, long nanos) {
    timer(TRANSACTION, failure.code()).record(nanos, TimeUnit.NANOSECONDS);
  }

  private static String operation(Command command) {
    return switch (command) {
      case Command.Get _ -> "get";
      case Command.Put _ -> "put";
      case Command.Add _ -> "add";
      case Command.Touch _ -> "touch";
      case Command.Delete _ -> "delete";
      case Command.Expire _ -> "expire";
    };
  }

  private Timer timer(String operation, String outcome) {
    return timers.computeIfAbsent(
        new Kind(operation, outcome),
        kind ->
            Timer.builder("nebula.operations")
                .description("Time of commands from the router and back, by operation and outcome")
                .tag("operation", kind.operation())
                .tag("outcome", kind.outcome())
                .serviceLevelObjectives(BUCKETS)
                .register(registry));
  }
}
