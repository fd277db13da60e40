package dev.nebulastore.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.kv.Applier.Decision;
import dev.nebulastore.kv.Precondition.Versions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ApplierTests {

  private static final Key KEY = Key.of("k");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:10.500Z");
  private static final Revision LAST = new Revision(41);
  private static final Value NEW = value("new");

  private static final Entry STANDING =
      new Entry(KEY, value("old"), new Revision(7), NOW.minusSeconds(60), null);
  private static final Entry EXPIRING = expiring(NOW.plusMillis(1));
  private static final Entry EXPIRED = expiring(NOW);

  private static Value value(String text) {
    return new Value(text.getBytes(StandardCharsets.UTF_8), "text/plain");
  }

  private static Entry expiring(Instant at) {
    return new Entry(KEY, value("old"), new Revision(7), NOW.minusSeconds(60), at);
  }

  private static Decision.Decided decide(@Nullable Entry stored, Command command) {
    return (Decision.Decided) Applier.decide(stored, command, LAST, NOW, Quota.UNLIMITED);
  }

  private static Precondition ifMatch(Versions versions) {
    return new Precondition(versions, null, null, null);
  }

  private static Precondition ifNoneMatch(Versions versions) {
    return new Precondition(null, versions, null, null);
  }

  private static Versions version(long number) {
    return new Versions.OneOf(Set.of(new Revision(number)));
  }

  private static Command.Put put(Precondition precondition) {
    return new Command.Put(KEY, precondition, NEW, null, false);
  }

  @Test
  void createsUnderTheNextRevision() {
    Decision.Decided decision = decide(null, put(Precondition.NONE));
    Entry made = new Entry(KEY, NEW, new Revision(42), NOW, null);
    assertThat(decision.outcome()).isEqualTo(new Outcome.Created(made));
    assertThat(decision.changes()).containsExactly(new Change.Put(made));
  }

  @Test
  void replacesAndDropsTheOldExpiry() {
    Decision.Decided decision = decide(EXPIRING, put(Precondition.NONE));
    Entry made = new Entry(KEY, NEW, new Revision(42), NOW, null);
    assertThat(decision.outcome()).isEqualTo(new Outcome.Replaced(made));
    assertThat(decision.changes()).containsExactly(new Change.Put(made));
  }

  /**
   * Equal keys may be two objects, and a map keeps the first one when it is overwritten. The entry
   * must do the same.
   */
  @Test
  void overwriteKeepsTheKeyThatIsStored() {
    Key equal = Key.of(KEY.toString());
    for (Command command :
        List.of(
            new Command.Put(equal, Precondition.NONE, NEW, null, false),
            new Command.Touch(equal, Precondition.NONE, null))) {
      assertThat(decide(STANDING, command).changes().getFirst().key()).isSameAs(KEY);
    }
  }

  @Test
  void putOverAnExpiredEntryTellsItsExpiryFirstAndCreates() {
    Decision.Decided decision = decide(EXPIRED, put(Precondition.NONE));
    Entry made = new Entry(KEY, NEW, new Revision(43), NOW, null);
    assertThat(decision.outcome()).isEqualTo(new Outcome.Created(made));
    assertThat(decision.changes())
        .containsExactly(new Change.Expire(KEY, new Revision(42), NOW), new Change.Put(made));
  }

  @Test
  void entryIsAbsentFromTheVeryInstantOfItsExpiry() {
    Command get = new Command.Get(KEY, Precondition.NONE);
    assertThat(decide(EXPIRING, get).outcome()).isEqualTo(new Outcome.Found(EXPIRING));
    assertThat(decide(EXPIRED, get)).isEqualTo(decide(null, get));
    assertThat(decide(EXPIRED, get).outcome()).isEqualTo(new Outcome.Absent());
  }

  @Test
  void ttlCountsFromTheTimeOfTheDecision() {
    Command put = new Command.Put(KEY, Precondition.NONE, NEW, Duration.ofSeconds(90), false);
    assertThat(decide(null, put).outcome())
        .isEqualTo(
            new Outcome.Created(new Entry(KEY, NEW, new Revision(42), NOW, NOW.plusSeconds(90))));
  }

  @Test
  void ttlIsBounded() {
    assertThatThrownBy(() -> new Command.Touch(KEY, Precondition.NONE, Duration.ofMillis(999)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new Command.Put(KEY, Precondition.NONE, NEW, Duration.ofDays(3_651), false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void touchChangesTheExpiryAloneUnderANewRevision() {
    Decision.Decided set =
        decide(STANDING, new Command.Touch(KEY, Precondition.NONE, Duration.ofDays(1)));
    assertThat(set.outcome())
        .isEqualTo(
            new Outcome.Touched(
                new Entry(
                    KEY, STANDING.value(), new Revision(42), NOW, NOW.plus(Duration.ofDays(1)))));
    Decision.Decided cleared = decide(EXPIRING, new Command.Touch(KEY, Precondition.NONE, null));
    assertThat(cleared.changes())
        .containsExactly(
            new Change.Touch(new Entry(KEY, EXPIRING.value(), new Revision(42), NOW, null)));
    assertThat(decide(EXPIRED, new Command.Touch(KEY, Precondition.NONE, null)))
        .as("an expired entry is not brought back")
        .isEqualTo(decide(null, new Command.Touch(KEY, Precondition.NONE, null)));
  }

  @Test
  void deleteIsIdempotentAndAbsenceTakesNoRevision() {
    Command delete = new Command.Delete(KEY, Precondition.NONE);
    assertThat(decide(STANDING, delete).outcome()).isEqualTo(new Outcome.Deleted(true));
    assertThat(decide(STANDING, delete).changes())
        .containsExactly(new Change.Delete(KEY, new Revision(42), NOW));
    assertThat(decide(null, delete).outcome()).isEqualTo(new Outcome.Deleted(false));
    assertThat(decide(null, delete).changes()).isEmpty();
    assertThat(decide(EXPIRED, delete).changes()).isEmpty();
  }

  @Test
  void expireRemovesOnlyWhatHasExpired() {
    Command expire = new Command.Expire(KEY);
    assertThat(decide(EXPIRED, expire).changes())
        .containsExactly(new Change.Expire(KEY, new Revision(42), NOW));
    assertThat(decide(EXPIRING, expire).changes()).isEmpty();
    assertThat(decide(STANDING, expire).changes()).isEmpty();
    assertThat(decide(null, expire).changes()).isEmpty();
  }

  @Test
  void writeUnderIfMatchNeedsTheVersion() {
    assertThat(decide(STANDING, put(ifMatch(version(7)))).outcome())
        .isInstanceOf(Outcome.Replaced.class);
    assertThat(decide(STANDING, put(ifMatch(Versions.Any.ANY))).outcome())
        .isInstanceOf(Outcome.Replaced.class);
    assertRefused(decide(STANDING, put(ifMatch(version(8)))), STANDING);
    assertRefused(decide(null, put(ifMatch(Versions.Any.ANY))), null);
    assertRefused(decide(EXPIRED, put(ifMatch(version(7)))), null);
    assertRefused(decide(null, new Command.Delete(KEY, ifMatch(version(7)))), null);
  }

  @Test
  void writeUnderIfNoneMatchNeedsAnotherVersion() {
    assertThat(decide(null, put(ifNoneMatch(Versions.Any.ANY))).outcome())
        .isInstanceOf(Outcome.Created.class);
    assertThat(decide(EXPIRED, put(ifNoneMatch(Versions.Any.ANY))).outcome())
        .isInstanceOf(Outcome.Created.class);
    assertThat(decide(STANDING, put(ifNoneMatch(version(8)))).outcome())
        .isInstanceOf(Outcome.Replaced.class);
    assertRefused(decide(STANDING, put(ifNoneMatch(Versions.Any.ANY))), STANDING);
    assertRefused(decide(STANDING, put(ifNoneMatch(version(7)))), STANDING);
  }

  @Test
  void readUnderIfNoneMatchIsNotModifiedAtTheSameVersion() {
    assertThat(decide(STANDING, get(ifNoneMatch(version(7)))).outcome())
        .isEqualTo(new Outcome.NotModified(STANDING));
    assertThat(decide(STANDING, get(ifNoneMatch(version(8)))).outcome())
        .isEqualTo(new Outcome.Found(STANDING));
    assertThat(decide(STANDING, get(ifMatch(version(8)))).outcome())
        .isEqualTo(new Outcome.PreconditionFailed(STANDING));
  }

  @Test
  void conditionsDoNotCountWhereThereIsNothingToReadOrTouch() {
    assertThat(decide(null, get(ifMatch(Versions.Any.ANY))).outcome())
        .isEqualTo(new Outcome.Absent());
    assertThat(decide(null, new Command.Touch(KEY, ifMatch(version(7)), null)).outcome())
        .isEqualTo(new Outcome.Absent());
  }

  @Test
  void datesCountToTheSecondAndOnlyWithoutTags() {
    Instant modified = Instant.parse("2026-01-01T00:00:10.900Z");
    Entry entry = new Entry(KEY, NEW, new Revision(7), modified, null);
    Instant same = Instant.parse("2026-01-01T00:00:10Z");
    Instant earlier = same.minusSeconds(1);
    assertThat(decide(entry, get(new Precondition(null, null, same, null))).outcome())
        .isEqualTo(new Outcome.NotModified(entry));
    assertThat(decide(entry, get(new Precondition(null, null, earlier, null))).outcome())
        .isEqualTo(new Outcome.Found(entry));
    assertThat(decide(entry, get(new Precondition(null, version(8), same, null))).outcome())
        .as("If-None-Match replaces If-Modified-Since")
        .isEqualTo(new Outcome.Found(entry));
    assertRefused(decide(entry, put(new Precondition(null, null, null, earlier))), entry);
    assertThat(decide(entry, put(new Precondition(null, null, null, same))).outcome())
        .isInstanceOf(Outcome.Replaced.class);
    assertThat(decide(entry, put(new Precondition(version(7), null, null, earlier))).outcome())
        .as("If-Match replaces If-Unmodified-Since")
        .isInstanceOf(Outcome.Replaced.class);
  }

  @Test
  void guardedPutRefusesOnlyAnOverwriteWithoutACondition() {
    Command guarded = new Command.Put(KEY, Precondition.NONE, NEW, null, true);
    assertThat(decide(STANDING, guarded).outcome())
        .isEqualTo(new Outcome.PreconditionRequired(STANDING));
    assertThat(decide(STANDING, guarded).changes()).isEmpty();
    assertThat(decide(null, guarded).outcome()).isInstanceOf(Outcome.Created.class);
    assertThat(decide(EXPIRED, guarded).outcome()).isInstanceOf(Outcome.Created.class);
    Command conditional = new Command.Put(KEY, ifMatch(version(7)), NEW, null, true);
    assertThat(decide(STANDING, conditional).outcome()).isInstanceOf(Outcome.Replaced.class);
  }

  private static Command.Get get(Precondition precondition) {
    return new Command.Get(KEY, precondition);
  }

  private static void assertRefused(Decision.Decided decision, @Nullable Entry current) {
    assertThat(decision.outcome()).isEqualTo(new Outcome.PreconditionFailed(current));
    assertThat(decision.changes()).isEmpty();
  }
}
