package dev.nebulastore.kv;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Applier.Decision;
import dev.nebulastore.kv.Precondition.Versions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a number, and what adding to one does. */
class CounterTests {

  private static final Key KEY = Key.of("k");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:10.500Z");
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static Entry entry(String value, @Nullable Instant expires) {
    return new Entry(KEY, new Value(value.getBytes(UTF_8), "a/b"), new Revision(7), NOW, expires);
  }

  private static Command add(long amount, @Nullable Duration ttl) {
    return new Command.Add(KEY, Precondition.NONE, amount, ttl);
  }

  private static Decision.Decided decide(@Nullable Entry stored, Command command) {
    return (Decision.Decided)
        Applier.decide(stored, command, new Revision(41), NOW, Quota.UNLIMITED);
  }

  private static Entry sum(String value, long revision, @Nullable Instant expires) {
    Value written = new Value(value.getBytes(UTF_8), "text/plain");
    return new Entry(KEY, written, new Revision(revision), NOW, expires);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "-0, 0",
    "7, 7",
    "-7, -7",
    "9223372036854775807, 9223372036854775807",
    "-9223372036854775808, -9223372036854775808"
  })
  void numbersAreDecimal(String text, long number) {
    assertThat(Counter.parse(text)).hasValue(number);
    assertThat(Counter.of(entry(text, null).value())).hasValue(number);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "+1",
        "01",
        "-01",
        "00",
        " 1",
        "1 ",
        "1\n",
        "\n1",
        "1\r\n",
        "1.0",
        "1e3",
        "0x1",
        "1_000",
        "--1",
        "\u0661",
        "\uff11",
        "1\u0000",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999",
        "100000000000000000000"
      })
  void anythingElseIsNone(String text) {
    assertThat(Counter.parse(text)).isEmpty();
    Entry stored = entry(text, null);
    Decision.Decided decision = decide(stored, add(0, null));
    assertThat(decision.outcome()).isEqualTo(new Outcome.NotANumber(stored));
    assertThat(decision.changes()).isEmpty();
  }

  @Test
  void largeValuesAreNotRead() {
    assertThat(Counter.of(Value.unread(100_000, "text/plain"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "9223372036854775806, 1, 9223372036854775807",
    "9223372036854775807, 1,",
    "1, 9223372036854775807,",
    "-9223372036854775808, -1,",
    "-9223372036854775808, -9223372036854775808,",
    "-9223372036854775808, 9223372036854775807, -1",
    "9223372036854775807, -9223372036854775808, -1"
  })
  void sumsNeverWrap(String number, long amount, @Nullable String sum) {
    Entry stored = entry(number, null);
    Decision.Decided decision = decide(stored, add(amount, null));
    if (sum == null) {
      assertThat(decision).isEqualTo(decide(stored, add(amount, MINUTE)));
      assertThat(decision.outcome()).isEqualTo(new Outcome.NotANumber(stored));
      assertThat(decision.changes()).isEmpty();
    } else {
      assertThat(decision.outcome()).isEqualTo(new Outcome.Added(sum(sum, 42, null), false));
    }
    assertThat(Counter.sum(Long.parseLong(number), amount))
        .isEqualTo(sum == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(sum)));
  }

  @Test
  void absentCountsAsZero() {
    Decision.Decided decision = decide(null, add(-5, MINUTE));
    Entry made = sum("-5", 42, NOW.plus(MINUTE));
    assertThat(decision.outcome()).isEqualTo(new Outcome.Added(made, true));
    assertThat(decision.changes()).containsExactly(new Change.Put(made));
  }

  @Test
  void expiredCountsAsZeroAndTellsItsExpiryFirst() {
    Decision.Decided decision = decide(entry("9", NOW), add(5, null));
    Entry made = sum("5", 43, null);
    assertThat(decision.outcome()).isEqualTo(new Outcome.Added(made, true));
    assertThat(decision.changes())
        .containsExactly(new Change.Expire(KEY, new Revision(42), NOW), new Change.Put(made));
  }

  @Test
  void timeToLiveIsThatOfTheAddition() {
    Entry stored = entry("9", NOW.plusSeconds(5));
    assertThat(decide(stored, add(1, null)).outcome())
        .isEqualTo(new Outcome.Added(sum("10", 42, null), false));
    assertThat(decide(stored, add(1, MINUTE)).outcome())
        .isEqualTo(new Outcome.Added(sum("10", 42, NOW.plus(MINUTE)), false));
  }

  @Test
  void addingZeroWrites() {
    assertThat(decide(entry("9", null), add(0, null)).changes())
        .containsExactly(new Change.Put(sum("9", 42, null)));
    assertThat(decide(null, add(0, null)).changes())
        .containsExactly(new Change.Put(sum("0", 42, null)));
  }

  @Test
  void conditionsComeFirst() {
    Entry stored = entry("not a number", null);
    Precondition create = new Precondition(null, Versions.Any.ANY, null, null);
    assertThat(decide(stored, new Command.Add(KEY, create, 1, null)).outcome())
        .isEqualTo(new Outcome.PreconditionFailed(stored));
    Precondition exists = new Precondition(Versions.Any.ANY, null, null, null);
    assertThat(decide(null, new Command.Add(KEY, exists, 1, null)).outcome())
        .isEqualTo(new Outcome.PreconditionFailed(null));
    assertThat(decide(null, new Command.Add(KEY, create, 1, null)).outcome())
        .isInstanceOf(Outcome.Added.class);
  }

  @Test
  void storedKeyIsKept() {
    Command add = new Command.Add(Key.of("k"), Precondition.NONE, 1, null);
    assertThat(decide(entry("1", null), add).changes().getFirst().key()).isSameAs(KEY);
  }

  @Test
  void roomIsDecidedOnTheSum() {
    Entry stored = entry("9", null);
    Change written = decide(stored, add(1, null)).changes().getFirst();
    long growth = Quota.growth(stored, written);
    assertThat(growth).isPositive();
    Revision last = new Revision(41);
    assertThat(Applier.decide(stored, add(1, null), last, NOW, growth - 1))
        .isEqualTo(Decision.NoRoom.INSTANCE);
    assertThat(Applier.decide(stored, add(1, null), last, NOW, growth))
        .isInstanceOf(Decision.Decided.class);
    assertThat(List.of(written.entry())).containsExactly(sum("10", 42, null));
  }
}
