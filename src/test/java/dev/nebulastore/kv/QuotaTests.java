package dev.nebulastore.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Applier.Decision;
import dev.nebulastore.kv.Applier.TransactionDecision;
import dev.nebulastore.kv.Precondition.Versions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the Applier refuses for lack of space. */
class QuotaTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Key KEY = Key.of("k");
  private static final Entry STANDING = entry(10);
  private static final Precondition FAILING =
      new Precondition(new Versions.OneOf(Set.of(new Revision(99))), null, null, null);

  private static Value value(int size) {
    return new Value(new byte[size], "text/plain");
  }

  private static Entry entry(int size) {
    return new Entry(KEY, value(size), new Revision(7), NOW, null);
  }

  private static Command.Put put(String key, int size, Precondition precondition) {
    return new Command.Put(Key.of(key), precondition, value(size), null, false);
  }

  private static boolean isAdmitted(@Nullable Entry stored, Command command, long quota) {
    return switch (Applier.decide(stored, command, Revision.ZERO, NOW, quota)) {
      case Decision.Decided _ -> true;
      case Decision.NoRoom _ -> false;
    };
  }

  @Test
  void admitsExactlyWhatFits() {
    long size = Quota.sizeOf(entry(5));
    assertThat(isAdmitted(null, put("k", 5, Precondition.NONE), size)).isTrue();
    assertThat(isAdmitted(null, put("k", 5, Precondition.NONE), size - 1)).isFalse();
    assertThat(isAdmitted(STANDING, put("k", 15, Precondition.NONE), 5)).isTrue();
    assertThat(isAdmitted(STANDING, put("k", 16, Precondition.NONE), 5)).isFalse();
  }

  @Test
  void withoutGrowthOnlySmallerOverwritesAreAdmitted() {
    Command touch = new Command.Touch(KEY, Precondition.NONE, Duration.ofDays(1));
    assertThat(isAdmitted(STANDING, put("k", 10, Precondition.NONE), Quota.NO_GROWTH)).isTrue();
    assertThat(isAdmitted(STANDING, put("k", 11, Precondition.NONE), Quota.NO_GROWTH)).isFalse();
    assertThat(isAdmitted(STANDING, touch, Quota.NO_GROWTH)).isFalse();
    assertThat(isAdmitted(STANDING, touch, Quota.EXPIRY_OVERHEAD)).isTrue();
  }

  @Test
  void withoutPutsOnlyReadsAndDeletesAreAdmitted() {
    assertThat(isAdmitted(STANDING, put("k", 0, Precondition.NONE), Quota.NO_PUTS)).isFalse();
    assertThat(isAdmitted(STANDING, new Command.Delete(KEY, Precondition.NONE), Quota.NO_PUTS))
        .isTrue();
    assertThat(isAdmitted(null, new Command.Touch(KEY, Precondition.NONE, null), Quota.NO_PUTS))
        .as("there is nothing to touch")
        .isTrue();
  }

  @Test
  void thePreconditionIsDecidedFirst() {
    Decision decision =
        Applier.decide(STANDING, put("k", 99, FAILING), Revision.ZERO, NOW, Quota.NO_PUTS);
    assertThat(decision)
        .isEqualTo(new Decision.Decided(new Outcome.PreconditionFailed(STANDING), List.of()));
  }

  private static TransactionDecision decide(long quota, Command... commands) {
    return Applier.decide(
        new Transaction(List.of(), List.of(commands), List.of()), new MapGround(), NOW, quota);
  }

  @Test
  void theCommandsOfATransactionShareTheQuota() {
    Command[] both = {put("a", 1, Precondition.NONE), put("b", 1, Precondition.NONE)};
    long each = Quota.sizeOf(entry(1));
    assertThat(decide(2 * each, both)).isInstanceOf(TransactionDecision.Decided.class);
    assertThat(decide(2 * each - 1, both)).isEqualTo(new TransactionDecision.NoRoom(Key.of("b")));
    assertThat(decide(Quota.NO_PUTS, both)).isEqualTo(new TransactionDecision.NoRoom(Key.of("a")));
  }

  @Test
  void whatATransactionDeletesGivesItNoRoom() {
    long each = Quota.sizeOf(entry(1));
    assertThat(
            decide(
                each,
                put("a", 1, Precondition.NONE),
                new Command.Delete(Key.of("a"), Precondition.NONE),
                put("b", 1, Precondition.NONE)))
        .isEqualTo(new TransactionDecision.NoRoom(Key.of("b")));
  }

  @Test
  void aConflictOfATransactionComesBeforeWantOfRoom() {
    assertThat(decide(Quota.NO_PUTS, put("a", 1, Precondition.NONE), put("b", 1, FAILING)))
        .isInstanceOfSatisfying(
            TransactionDecision.Decided.class,
            decided ->
                assertThat(decided.outcome()).isInstanceOf(TransactionOutcome.Conflict.class));
  }

  private static final class MapGround implements Applier.Ground {
    private final Map<Key, Entry> entries = new HashMap<>();
    private Revision last = Revision.ZERO;

    @Override
    public @Nullable Entry stored(Key key) {
      return entries.get(key);
    }

    @Override
    public Revision last(Key key) {
      return last;
    }

    @Override
    public void take(Key key, List<Change> changes) {
      last = changes.getLast().revision();
      if (changes.getLast() instanceof Change.Put(Entry entry)) {
        entries.put(key, entry);
      } else {
        entries.remove(key);
      }
    }
  }
}
