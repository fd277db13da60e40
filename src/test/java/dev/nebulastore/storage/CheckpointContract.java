package dev.nebulastore.storage;

import static dev.nebulastore.storage.Submission.commit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.storage.StorageEngine.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every engine must do for replicas: report which position is applied, and transfer its state.
 */
abstract class CheckpointContract extends ScanContract {

  @TempDir private Path checkpoints;

  private static List<Entry> entries(Checkpoint checkpoint) {
    List<Entry> entries = new ArrayList<>();
    checkpoint.read(entries::add);
    return entries;
  }

  private static Entry committed(ShardStore store, Key key) {
    return Objects.requireNonNull(Submission.committed(store, key));
  }

  private static void requireWhole(StorageEngine engine, Path folder) {
    try (Checkpoint checkpoint = engine.readCheckpoint(folder)) {
      var _ = checkpoint.applied();
      checkpoint.read(entry -> {});
    }
  }

  @Test
  void tellsTheLastRevisionThatTookEffect() {
    try (StorageEngine engine = create()) {
      ShardStore one = engine.open(0, 1);
      ShardStore two = engine.open(1, 1);
      assertThat(engine.applied()).isEqualTo(Revision.ZERO);
      Change first = put(one, "a", 1);
      commit(one, first);
      assertThat(engine.applied()).isEqualTo(first.revision());
      engine.raise(1, 0);
      Change second = put(two, "b", 1);
      commit(two, second);
      assertThat(engine.applied()).isEqualTo(second.revision());
      commit(one, new Change.Delete(Key.of("a"), first.revision().next(), START));
      assertThat(engine.applied()).isEqualTo(second.revision());
    }
  }

  @Test
  void checkpointHoldsExactlyWhatWasCommitted() throws IOException {
    Path folder = checkpoints.resolve("one");
    List<Entry> expected;
    Revision applied;
    try (StorageEngine engine = create()) {
      ShardStore store = engine.open(0, 1);
      commit(store, put(store, "é", 3, START.plusSeconds(60)));
      commit(store, put(store, "a", 0));
      commit(store, put(store, "large", 100_000, START.minusSeconds(1)));
      commit(store, put(store, "b", 1));
      commit(store, new Change.Delete(Key.of("b"), store.revision().next(), START));
      applied = store.revision();
      expected = Stream.of("a", "large", "é").map(key -> committed(store, Key.of(key))).toList();
      engine.checkpoint(folder);
      commit(store, put(store, "a", 7));
      commit(store, put(store, "later", 1));
      assertThat(engine.usage().entries()).isEqualTo(4);
    }
    try (StorageEngine other = create();
        Checkpoint checkpoint = other.readCheckpoint(folder)) {
      assertThat(checkpoint.applied()).isEqualTo(applied);
      assertThat(checkpoint.entries()).isEqualTo(3);
      assertThat(entries(checkpoint)).isEqualTo(expected);
      assertThat(entries(checkpoint)).as("read a second time").isEqualTo(expected);
    }
  }

  @Test
  void checkpointOfAnEmptyEngineIsEmpty() throws IOException {
    try (StorageEngine engine = create()) {
      Path folder = checkpoints.resolve("empty");
      engine.checkpoint(folder);
      try (Checkpoint checkpoint = engine.readCheckpoint(folder)) {
        assertThat(checkpoint.applied()).isEqualTo(Revision.ZERO);
        assertThat(checkpoint.lastTime()).isEqualTo(engine.lastTime());
        assertThat(entries(checkpoint)).isEmpty();
      }
    }
  }

  /** Each commit writes the same number under a key of each shard. */
  @Test
  void checkpointTearsNoCommitApart() throws IOException {
    AtomicBoolean enough = new AtomicBoolean();
    AtomicInteger written = new AtomicInteger();
    try (StorageEngine engine = create()) {
      CompletableFuture<Void> writer =
          CompletableFuture.runAsync(
              () -> writePairs(engine, written, enough), task -> Thread.ofPlatform().start(task));
      try {
        for (int round = 0; round < 10; round++) {
          int before = written.get();
          Path folder = checkpoints.resolve("round-" + round);
          engine.checkpoint(folder);
          try (Checkpoint checkpoint = engine.readCheckpoint(folder)) {
            List<Entry> pair = entries(checkpoint);
            assertThat(pair.stream().map(entry -> entry.value().size()).distinct())
                .hasSizeLessThanOrEqualTo(1);
            assertThat(pair).allMatch(entry -> entry.value().size() >= before);
          }
        }
      } finally {
        enough.set(true);
        writer.join();
      }
    }
  }

  private static void writePairs(
      StorageEngine engine, AtomicInteger written, AtomicBoolean enough) {
    ShardStore one = engine.open(0, 1);
    ShardStore two = engine.open(1, 1);
    for (int size = 1; !enough.get(); size++) {
      Submission left = Submission.of(one, List.of(put(one, "left", size)));
      Submission right = Submission.of(two, List.of(put(two, "right", size)));
      engine.submit(
          List.of(new Part(one, one.lossEpoch(), left), new Part(two, two.lossEpoch(), right)));
      left.await();
      right.await();
      written.set(size);
    }
  }

  @Test
  void checkpointIsNotMadeOverAnotherOne() throws IOException {
    try (StorageEngine engine = create()) {
      Path folder = checkpoints.resolve("one");
      engine.checkpoint(folder);
      assertThatThrownBy(() -> engine.checkpoint(folder)).isInstanceOf(IOException.class);
      requireWhole(engine, folder);
    }
  }

  @Test
  void aFolderThatIsNoCheckpointIsRefused() {
    try (StorageEngine engine = create()) {
      assertThatThrownBy(() -> engine.readCheckpoint(checkpoints))
          .isInstanceOf(CheckpointRefused.class)
          .hasMessageContaining(checkpoints.toString());
    }
  }

  @Test
  void aPartOfACheckpointIsRefused() throws IOException {
    try (StorageEngine engine = create()) {
      Path whole = checkpointOfManyEntries(engine);
      for (Path file : files(whole)) {
        Path part = copy(whole, "part");
        Files.delete(part.resolve(file));
        assertRefused(engine, part, file + " is missing");
        remove(part);
        byte[] bytes = Files.readAllBytes(whole.resolve(file));
        part = copy(whole, "part");
        Files.write(part.resolve(file), Arrays.copyOf(bytes, Math.max(0, bytes.length - 1)));
        if (bytes.length > 0) {
          assertRefused(engine, part, file + " is short");
        }
        remove(part);
      }
    }
  }

  /**
   * Some bytes have no meaning, such as padding or comments. But other entries are never returned.
   */
  @Test
  void aDamagedCheckpointIsRefusedOrReadAsItWas() throws IOException {
    try (StorageEngine engine = create()) {
      Path whole = checkpointOfManyEntries(engine);
      List<Entry> expected;
      try (Checkpoint checkpoint = engine.readCheckpoint(whole)) {
        expected = entries(checkpoint);
      }
      int refused = 0;
      for (Path file : files(whole)) {
        byte[] bytes = Files.readAllBytes(whole.resolve(file));
        for (int tenth = 0; tenth < Math.min(10, bytes.length); tenth++) {
          Path damaged = copy(whole, "damaged");
          byte[] flipped = bytes.clone();
          flipped[(int) ((long) bytes.length * tenth / 10)] ^= 0x10;
          Files.write(damaged.resolve(file), flipped);
          try (Checkpoint checkpoint = engine.readCheckpoint(damaged)) {
            assertThat(entries(checkpoint)).as("%s, tenth %d", file, tenth).isEqualTo(expected);
          } catch (CheckpointRefused e) {
            refused++;
          }
          remove(damaged);
        }
      }
      assertThat(refused).isPositive();
    }
  }

  private Path checkpointOfManyEntries(StorageEngine engine) throws IOException {
    ShardStore store = engine.open(0, 1);
    for (int i = 0; i < 50; i++) {
      commit(store, put(store, "k" + i, 100 * i, i % 2 == 0 ? null : START.plusSeconds(i)));
    }
    Path folder = checkpoints.resolve("whole");
    engine.checkpoint(folder);
    return folder;
  }

  private static void assertRefused(StorageEngine engine, Path folder, String how) {
    assertThatThrownBy(() -> requireWhole(engine, folder))
        .as(how)
        .isInstanceOf(CheckpointRefused.class);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).map(folder::relativize).sorted().toList();
    }
  }

  private Path copy(Path from, String name) throws IOException {
    Path to = checkpoints.resolve(name);
    for (Path file : files(from)) {
      Files.createDirectories(Objects.requireNonNull(to.resolve(file).getParent()));
      Files.copy(from.resolve(file), to.resolve(file));
    }
    return to;
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
        Files.delete(path);
      }
    }
  }
}
