package dev.nebulastore.ops.endpoint;

import dev.nebulastore.shard.ShardStatus;
import dev.nebulastore.supervision.SupervisionReport;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * JSON of one shard, in the endpoints and in health.
 *
 * @param restartsByReason contains only reasons that occurred
 * @param lastTimeToHealMillis the time from the end of the last worker until its successor served
 */
public record ShardView(
    int shard,
    String state,
    long generation,
    long restarts,
    Map<String, Long> restartsByReason,
    long setAside,
    @Nullable String lastCause,
    @Nullable Double lastTimeToHealMillis,
    int mailbox,
    int mailboxCapacity,
    long rejected) {

  /** Combines what the worker and its supervisor report of one shard. */
  public static ShardView of(ShardStatus status, SupervisionReport report) {
    Map<String, Long> byReason = new TreeMap<>();
    report.restarts().forEach((reason, count) -> byReason.put(word(reason), count));
    return new ShardView(
        status.shard(),
        status.state().code(),
        status.generation(),
        report.totalRestarts(),
        byReason,
        report.quarantines(),
        report.lastCause().orElse(null),
        report.lastTimeToHeal().map(heal -> heal.toNanos() / 1e6).orElse(null),
        status.mailbox(),
        status.capacity(),
        status.rejected());
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
