package dev.nebulastore.storage;

import static dev.nebulastore.storage.Submission.commit;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.kv.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every engine must do when its keys are scanned. */
abstract class ScanContract {

  protected static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  /** A new, empty engine. */
  protected abstract StorageEngine create();

  protected static Entry entry(Key key, Revision revision, int size, @Nullable Instant expires) {
    return new Entry(key, new Value(new byte[size], "text/plain"), revision, START, expires);
  }

  protected static Change put(ShardStore store, String key, int size) {
    return put(store, key, size, null);
  }

  protected static Change put(ShardStore store, String key, int size, @Nullable Instant expires) {
    return new Change.Put(entry(Key.of(key), store.revision().next(), size, expires));
  }

  /** Everything in a range, found by scans with this limit. */
  private static List<EntryMetadata> all(
      StorageEngine engine, KeyRange range, Instant now, int limit) {
    List<EntryMetadata> found = new ArrayList<>();
    for (KeyRange rest = range; rest != null; ) {
      ScanPage page = engine.scan(rest, now, limit);
      assertThat(page.found()).hasSizeLessThanOrEqualTo(limit);
      found.addAll(page.found());
      rest = page.rest();
    }
    return found;
  }

  private static List<String> keys(List<EntryMetadata> found) {
    return found.stream().map(summary -> summary.key().toString()).toList();
  }

  private static List<String> keys(StorageEngine engine, byte... prefix) {
    return keys(all(engine, KeyRange.ofPrefix(prefix), START, 2));
  }

  private static List<Change> puts(ShardStore store, int count, @Nullable Instant expires) {
    Revision revision = store.revision();
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      revision = revision.next();
      changes.add(new Change.Put(entry(Key.of("k%05d".formatted(i)), revision, 1, expires)));
    }
    return changes;
  }

  @Test
  void findsKeysOfAllShardsInOrderOfUnsignedBytes() {
    List<String> sorted = List.of(" ", "a", "a/b", "ab", "z", "\u00e9", "\uff5e", "\ud83d\ude00");
    try (StorageEngine engine = create()) {
      for (int i = 0; i < sorted.size(); i++) {
        ShardStore store = engine.open(i, 1);
        commit(store, put(store, sorted.get(sorted.size() - 1 - i), 1));
      }
      for (int limit = 1; limit < 10; limit++) {
        assertThat(keys(all(engine, KeyRange.ALL, START, limit))).isEqualTo(sorted);
      }
    }
  }

  @Test
  void findsKeysWithAPrefixThatIsNoKey() {
    try (StorageEngine engine = create()) {
      ShardStore store = engine.open(0, 1);
      for (String key : List.of("a", "a/", "a/b", "a0", "\u00e9", "\u00ea", "\ud83d\ude00")) {
        commit(store, put(store, key, 1));
      }
      assertThat(keys(engine, "a/".getBytes(UTF_8))).containsExactly("a/", "a/b");
      assertThat(keys(engine, "a".getBytes(UTF_8))).containsExactly("a", "a/", "a/b", "a0");
      assertThat(keys(engine, (byte) 0xc3)).containsExactly("\u00e9", "\u00ea");
      assertThat(keys(engine, (byte) 0xf0)).containsExactly("\ud83d\ude00");
      assertThat(keys(engine, (byte) 0xff, (byte) 0xff)).isEmpty();
      assertThat(keys(engine, (byte) 0xc3, (byte) 0xff)).isEmpty();
      assertThat(keys(engine, "..".getBytes(UTF_8))).isEmpty();
      assertThat(keys(engine)).hasSize(7);
      assertThat(
              keys(
                  all(
                      engine,
                      new KeyRange("a/".getBytes(UTF_8), KeyRange.behind(Key.of("a/b"))),
                      START,
                      9)))
          .containsExactly("a/", "a/b");
    }
  }

  @Test
  void theRestIsNullExactlyIfNothingIsLeft() {
    try (StorageEngine engine = create()) {
      ShardStore store = engine.open(0, 1);
      assertThat(engine.scan(KeyRange.ALL, START, 5)).isEqualTo(new ScanPage(List.of(), null));
      commit(store, puts(store, 5, null));
      assertThat(engine.scan(KeyRange.ALL, START, 5).rest()).isNull();
      ScanPage four = engine.scan(KeyRange.ALL, START, 4);
      assertThat(four.rest()).isEqualTo(KeyRange.ALL.startingAt("k00004".getBytes(UTF_8)));
    }
  }

  @Test
  void findsAllMetadataOfAnEntry() {
    try (StorageEngine engine = create()) {
      ShardStore store = engine.open(0, 1);
      Instant later = START.plusSeconds(1);
      Revision revision = store.revision().next();
      Value value = new Value(new byte[123_456], "x".repeat(5_000));
      Entry entry = new Entry(Key.of("a"), value, revision, START, later);
      commit(store, new Change.Put(entry));
      commit(store, put(store, "b", 0));
      assertThat(engine.scan(KeyRange.ALL, START, 9).found())
          .containsExactly(
              new EntryMetadata(Key.of("a"), revision, 123_456, "x".repeat(5_000), START, later),
              new EntryMetadata(Key.of("b"), revision.next(), 0, "text/plain", START, null));
    }
  }

  @Test
  void skipsExpiredEntriesInBoundedSteps() {
    try (StorageEngine engine = create()) {
      ShardStore store = engine.open(0, 1);
      int expired = 2 * StorageEngine.MAX_PASSED + 1;
      commit(store, puts(store, expired, START));
      commit(store, put(store, "stays", 1));
      ScanPage first = engine.scan(KeyRange.ALL, START, 9);
      assertThat(first.found()).isEmpty();
      assertThat(first.rest()).isEqualTo(KeyRange.ALL.startingAt(Key.of("k02000").utf8()));
      assertThat(keys(all(engine, KeyRange.ALL, START, 9))).containsExactly("stays");
      assertThat(all(engine, KeyRange.ALL, START.minusMillis(1), 700)).hasSize(expired + 1);
    }
  }

  @Test
  void agreesWithASortedMapOverRandomRangesAndChanges() {
    long seed = 20_261_122;
    Random random = new Random(seed);
    TreeMap<Key, Entry> model = new TreeMap<>();
    try (StorageEngine engine = create()) {
      ShardStore store = engine.open(0, 1);
      for (int round = 0; round < 1_000; round++) {
        Revision revision = store.revision().next();
        String text = "abc\u00e9\ud83d\ude00/".substring(random.nextInt(3), 3 + random.nextInt(2));
        Key key = Key.of(text + random.nextInt(30));
        if (random.nextInt(3) == 0) {
          commit(store, new Change.Delete(key, revision, START));
          model.remove(key);
        } else {
          Entry entry = entry(key, revision, random.nextInt(9), null);
          commit(store, new Change.Put(entry));
          model.put(key, entry);
        }
        Key one = Key.of("abc".charAt(random.nextInt(3)) + "b" + random.nextInt(30));
        byte[] to = random.nextBoolean() ? null : Key.of("c\u00e9" + random.nextInt(30)).utf8();
        var expected = to == null ? model.tailMap(one, true) : model.subMap(one, Key.ofUtf8(to));
        KeyRange range = new KeyRange(one.utf8(), to);
        assertThat(all(engine, range, START, random.nextInt(1, 9)))
            .as("seed %d, round %d, %s", seed, round, range)
            .isEqualTo(expected.values().stream().map(EntryMetadata::of).toList());
      }
    }
  }

  @Test
  void aKeyThatExistsThroughoutIsFoundOnce() {
    try (StorageEngine engine = create()) {
      ShardStore store = engine.open(0, 1);
      commit(store, puts(store, 1_000, null));
      List<String> standing = IntStream.range(0, 1_000).mapToObj("k%05d"::formatted).toList();
      AtomicBoolean done = new AtomicBoolean();
      ShardStore other = engine.open(1, 1);
      var comings =
          CompletableFuture.runAsync(
              () -> comeAndGo(other, done), task -> Thread.ofPlatform().start(task));
      Random random = new Random(7);
      for (int round = 0; round < 200; round++) {
        List<String> found = keys(all(engine, KeyRange.ALL, START, random.nextInt(1, 300)));
        assertThat(found).isSorted().doesNotHaveDuplicates();
        assertThat(found.stream().filter(key -> key.length() == 6)).isEqualTo(standing);
      }
      done.set(true);
      comings.join();
    }
  }

  /** Writes and deletes keys between the existing ones, and overwrites them. */
  private static void comeAndGo(ShardStore store, AtomicBoolean done) {
    Random random = new Random(8);
    while (!done.get()) {
      String key = "k%05d".formatted(random.nextInt(1_000));
      commit(store, put(store, random.nextBoolean() ? key : key + "-", 2));
      Key gone = Key.of("k%05d-".formatted(random.nextInt(1_000)));
      commit(store, new Change.Delete(gone, store.revision().next(), START));
    }
  }

  @Test
  void theSecretIsTheSameEachTime() {
    try (StorageEngine engine = create();
        StorageEngine other = create()) {
      assertThat(engine.secret()).hasSize(16).isEqualTo(engine.secret());
      assertThat(engine.secret()).isNotEqualTo(other.secret());
    }
  }
}
