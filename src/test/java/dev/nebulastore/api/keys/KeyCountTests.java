package dev.nebulastore.api.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.TransactionOutcome;
import dev.nebulastore.router.Keyspace;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The bounds of a count. */
class KeyCountTests {

  /** The keys {@code k0000000} and so on, of which a scan finds some. */
  private static final class Keys implements Keyspace {
    private final int size;
    private final int perScan;
    private int scans;

    Keys(int size, int perScan) {
      this.size = size;
      this.perScan = perScan;
    }

    @Override
    public ScanPage scan(KeyRange range, int limit) {
      scans++;
      String from = new String(range.from(), UTF_8);
      int first = from.length() < 8 ? 0 : Integer.parseInt(from.substring(1, 8));
      int end = Math.min(size, first + Math.min(limit, perScan));
      List<EntryMetadata> found =
          IntStream.range(first, end)
              .mapToObj(i ->
                  new EntryMetadata(Key.of(key(i)), new Revision(1), 1, "a/b", Instant.EPOCH, null))
              .toList();
      return new ScanPage(found, end == size ? null : range.startingAt(bytes(end)));
    }

    private static String key(int i) {
      return "k%07d".formatted(i);
    }

    private static byte[] bytes(int i) {
      return Key.of(key(i)).utf8();
    }

    @Override
    public Pending begin(
        Command command, ContentBudget budget, @Nullable Runnable onOutcome, Executor wakeUps) {
      throw new AssertionError("A count reads no value");
    }

    @Override
    public TransactionOutcome execute(Transaction transaction, ContentBudget budget) {
      throw new AssertionError("A count executes nothing");
    }

    @Override
    public byte[] secret() {
      return new byte[16];
    }

    @Override
    public Predicate<EntryMetadata> writtenByNow() {
      return _ -> true;
    }
  }

  private static KeyCount count(Keys keys, byte @Nullable [] from) {
    return requireNonNull(KeyCount.of(keys, "k", from, () -> false));
  }

  @Test
  void stopsAfterManyKeysAndContinues() {
    Keys keys = new Keys(KeyCount.MAX + 1_234, 700);
    KeyCount first = count(keys, null);
    assertThat(first.count()).isEqualTo(KeyCount.MAX);
    assertThat(first.position()).isEqualTo(Keys.bytes(KeyCount.MAX));
    assertThat(keys.scans).isEqualTo((KeyCount.MAX + 699) / 700);
    KeyCount second = count(keys, first.position());
    assertThat(second.count()).isEqualTo(1_234);
    assertThat(second.position()).isNull();
  }

  @Test
  void isExactAtTheBound() {
    KeyCount all = count(new Keys(KeyCount.MAX, 1_000), null);
    assertThat(all.count()).isEqualTo(KeyCount.MAX);
    assertThat(all.position()).isNull();
    KeyCount none = count(new Keys(0, 1_000), null);
    assertThat(none.count()).isZero();
    assertThat(none.position()).isNull();
  }

  /** As where values are large. */
  @Test
  void stopsAfterManyScansThatFindFew() {
    Keys keys = new Keys(KeyCount.MAX, 8);
    KeyCount first = count(keys, null);
    assertThat(keys.scans).isEqualTo(500);
    assertThat(first.count()).isEqualTo(4_000);
    assertThat(first.position()).isEqualTo(Keys.bytes(4_000));
  }

  @Test
  void endsWhenTheClientHasGone() {
    Keys keys = new Keys(KeyCount.MAX, 1_000);
    assertThat(KeyCount.of(keys, "k", null, () -> keys.scans == 3)).isNull();
    assertThat(keys.scans).isEqualTo(3);
  }
}
