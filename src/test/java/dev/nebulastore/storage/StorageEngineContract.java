package dev.nebulastore.storage;

import static dev.nebulastore.storage.Submission.commit;
import static dev.nebulastore.storage.Submission.committed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.ShardStore.FencedException;
import dev.nebulastore.storage.StorageEngine.Part;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The contract of every engine. The tests of each engine extend this class. */
public abstract class StorageEngineContract extends CheckpointContract {

  @Test
  void holdsWhatWasCommitted() {
    try (StorageEngine engine = create()) {
      ShardStore store = engine.open(0, 1);
      assertThat(committed(store, Key.of("a"))).isNull();
      Change put = put(store, "a", 3);
      commit(store, put);
      assertThat(committed(store, Key.of("a"))).isEqualTo(((Change.Put) put).entry());
      assertThat(store.revision()).isEqualTo(put.revision());
      assertThat(engine.usage().entries()).isEqualTo(1);
      commit(store, List.of(new Change.Delete(Key.of("a"), store.revision().next(), START)));
      assertThat(committed(store, Key.of("a"))).isNull();
      assertThat(engine.usage().entries()).isZero();
    }
  }

  @Test
  void commitsSeveralChangesOfOneKeyInOrder() {
    try (StorageEngine engine = create()) {
      ShardStore store = engine.open(0, 1);
      Revision first = store.revision().next();
      Revision second = first.next();
      Revision third = second.next();
      Key key = Key.of("a");
      commit(
          store,
          List.of(
              new Change.Put(entry(key, first, 1, null)),
              new Change.Delete(key, second, START),
              new Change.Put(entry(key, third, 2, null))));
      assertThat(committed(store, key)).isEqualTo(entry(key, third, 2, null));
      assertThat(engine.usage().entries()).isEqualTo(1);
      assertThat(store.revision()).isEqualTo(third);
    }
  }

  @Test
  void tellsTheRevisionOfEachShardToAnybody() {
    try (StorageEngine engine = create()) {
      ShardStore busy = engine.open(0, 1);
      ShardStore idle = engine.open(1, 1);
      Revision before = idle.revision();
      commit(busy, put(busy, "a", 1));
      commit(busy, put(busy, "b", 1));
      assertThat(engine.revision(0)).isEqualTo(busy.revision());
      assertThat(engine.revision(1)).isEqualTo(before);
    }
  }

  @Test
  void successorSeesWhatThePredecessorCommitted() {
    try (StorageEngine engine = create()) {
      ShardStore old = engine.open(3, 1);
      Change put = put(old, "a", 1);
      commit(old, put);
      ShardStore next = engine.open(3, 2);
      assertThat(committed(next, Key.of("a"))).isNotNull();
      assertThat(next.revision()).isEqualTo(put.revision());
      assertThat(engine.usage().entries()).isEqualTo(1);
    }
  }

  @Test
  void fencedStoreChangesNothing() {
    try (StorageEngine engine = create()) {
      ShardStore old = engine.open(3, 1);
      Change late = put(old, "late", 1);
      ShardStore next = engine.open(3, 2);
      assertThatThrownBy(() -> commit(old, List.of(late))).isInstanceOf(FencedException.class);
      assertThat(committed(next, Key.of("late"))).isNull();
      assertThat(engine.usage().entries()).isZero();
      commit(next, put(next, "b", 1));
      assertThat(engine.usage().entries()).isEqualTo(1);
    }
  }

  @Test
  void commitOfSeveralShardsIsSeenAndToldWhole() {
    try (StorageEngine engine = create()) {
      ShardStore one = engine.open(0, 1);
      ShardStore two = engine.open(1, 1);
      ShardStore idle = engine.open(2, 1);
      commit(two, put(two, "b", 1));
      Change second = put(two, "b", 2);
      Submission[] parts = {
        Submission.of(one, List.of(put(one, "a", 1))),
        Submission.of(two, List.of(second)),
        Submission.of(idle, List.of())
      };
      engine.submit(
          List.of(
              new Part(one, one.lossEpoch(), parts[0]),
              new Part(two, two.lossEpoch(), parts[1]),
              new Part(idle, idle.lossEpoch(), parts[2])));
      for (Submission part : parts) {
        part.await();
        assertThat(part.isAccepted()).isTrue();
      }
      assertThat(committed(one, Key.of("a"))).isNotNull();
      assertThat(committed(two, Key.of("b"))).isEqualTo(((Change.Put) second).entry());
      assertThat(two.revision()).isEqualTo(second.revision());
      assertThat(engine.usage().entries()).isEqualTo(2);
    }
  }

  @Test
  void raisedShardGivesOnlyGreaterRevisionsAndNeverLess() {
    try (StorageEngine engine = create()) {
      ShardStore source = engine.open(0, 1);
      ShardStore target = engine.open(1, 1);
      commit(source, List.of(put(source, "a", 1), put(source, "b", 1)));
      engine.raise(1, 0);
      assertThat(target.revision()).isEqualTo(source.revision());
      Change next = put(target, "a", 2);
      commit(target, next);
      engine.raise(1, 0);
      assertThat(target.revision()).isEqualTo(next.revision());
      assertThat(next.revision()).isGreaterThan(source.revision());
    }
  }

  @Test
  void commitOfSeveralShardsIsRefusedWholeIfOneIsFenced() {
    for (int fenced = 0; fenced < 2; fenced++) {
      int shard = fenced;
      try (StorageEngine engine = create()) {
        List<Part> parts = new ArrayList<>();
        for (ShardStore store : List.of(engine.open(0, 1), engine.open(1, 1))) {
          Change change = put(store, "k" + parts.size(), 1);
          parts.add(new Part(store, store.lossEpoch(), Submission.of(store, List.of(change))));
        }
        ShardStore successor = engine.open(shard, 2);
        assertThatThrownBy(() -> engine.submit(parts))
            .isInstanceOfSatisfying(
                FencedException.class, e -> assertThat(e.shard()).isEqualTo(shard));
        assertThat(parts).noneMatch(part -> ((Submission) part.batch()).isAccepted());
        commit(successor, put(successor, "after", 1));
        assertThat(engine.usage().entries()).isEqualTo(1);
      }
    }
  }

  @Test
  void generationsFollowOneAnother() {
    try (StorageEngine engine = create()) {
      engine.open(0, 2);
      assertThatThrownBy(() -> engine.open(0, 2)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> engine.open(0, 1)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void shardsDoNotFenceEachOther() {
    try (StorageEngine engine = create()) {
      ShardStore one = engine.open(1, 1);
      engine.open(2, 5);
      commit(one, put(one, "a", 1));
      assertThat(engine.usage().entries()).isEqualTo(1);
    }
  }

  @Test
  void listsExpiredEntriesOldestFirstAndContinues() {
    try (StorageEngine engine = create()) {
      ShardStore store = engine.open(0, 1);
      List<Expiry> all = new ArrayList<>();
      for (int i = 9; i >= 0; i--) {
        Instant at = START.plusSeconds(i / 2);
        all.add(new Expiry(at, Key.of("k" + i)));
        commit(store, put(store, "k" + i, 1, at));
      }
      commit(store, put(store, "stays", 1));
      List<Expiry> sorted = all.stream().sorted().toList();
      Instant now = START.plusSeconds(3);
      assertThat(engine.expired(now, null, 100)).isEqualTo(sorted.subList(0, 8));
      assertThat(engine.expired(now, null, 3)).isEqualTo(sorted.subList(0, 3));
      assertThat(engine.expired(now, sorted.get(2), 3)).isEqualTo(sorted.subList(3, 6));
      assertThat(engine.expired(START.minusMillis(1), null, 100)).isEmpty();
    }
  }

  @Test
  void forgetsTheExpiryOfWhatWasOverwrittenOrRemoved() {
    try (StorageEngine engine = create()) {
      ShardStore store = engine.open(0, 1);
      Instant later = START.plusSeconds(60);
      for (String key : List.of("overwritten", "prolonged", "deleted", "swept")) {
        commit(store, put(store, key, 1, START));
      }
      commit(store, put(store, "overwritten", 1));
      commit(store, put(store, "prolonged", 1, later));
      commit(store, List.of(new Change.Delete(Key.of("deleted"), store.revision().next(), START)));
      commit(store, List.of(new Change.Expire(Key.of("swept"), store.revision().next(), START)));
      assertThat(engine.expired(START.plusSeconds(59), null, 100)).isEmpty();
      assertThat(engine.expired(later, null, 100))
          .containsExactly(new Expiry(later, Key.of("prolonged")));
    }
  }

  @Test
  void agreesWithAMapOverRandomCommits() {
    long seed = 20_260_101;
    Random random = new Random(seed);
    Map<Key, Entry> model = new HashMap<>();
    try (StorageEngine engine = create()) {
      long generation = 1;
      ShardStore store = engine.open(0, generation);
      for (int round = 0; round < 2_000; round++) {
        List<Change> changes = new ArrayList<>();
        Revision revision = store.revision();
        for (int i = random.nextInt(1, 8); i > 0; i--) {
          revision = revision.next();
          Key key = Key.of("k" + random.nextInt(50));
          if (random.nextInt(3) == 0) {
            changes.add(new Change.Delete(key, revision, START));
            model.remove(key);
          } else {
            Instant expires = random.nextBoolean() ? START.plusSeconds(random.nextInt(100)) : null;
            Entry entry = entry(key, revision, random.nextInt(20), expires);
            changes.add(new Change.Put(entry));
            model.put(key, entry);
          }
        }
        commit(store, changes);
        if (random.nextInt(100) == 0) {
          store = engine.open(0, ++generation);
        }
      }
      for (int i = 0; i < 50; i++) {
        Key key = Key.of("k" + i);
        assertThat(committed(store, key))
            .as("seed %d, key %s", seed, key)
            .isEqualTo(model.get(key));
      }
      assertThat(engine.usage().entries()).as("seed %d", seed).isEqualTo(model.size());
      assertThat(engine.expired(Instant.MAX, null, 1_000))
          .as("seed %d", seed)
          .isEqualTo(
              model.values().stream()
                  .filter(entry -> entry.expires() != null)
                  .map(StorageEngineContract::expiry)
                  .sorted()
                  .toList());
    }
  }

  private static Expiry expiry(Entry entry) {
    Instant at = entry.expires();
    if (at == null) {
      throw new IllegalArgumentException("It does not expire");
    }
    return new Expiry(at, entry.key());
  }
}
