package dev.nebulastore.ops;

import dev.nebulastore.shard.ShardStatus;
import dev.nebulastore.supervision.SupervisionReport;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One shard, as the endpoints show it.
 *
 * @param restartsByReason only the reasons that occurred
 * @param lastTimeToHealMillis from the end of the last worker until its successor served
 */
record ShardView(
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

  static ShardView of(ShardStatus status, SupervisionReport report) {
    Map<String, Long> byReason = new TreeMap<>();
    report.restarts().forEach((reason, count) -> byReason.put(word(reason), count));
    return new ShardView(
        status.shard(),
        word(status.state()),
        status.generation(),
        report.totalRestarts(),
        byReason,
        report.setAside(),
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
