package dev.nebulastore.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.time.Execution;
import dev.nebulastore.time.Executions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** The file of an audit log. */
class FileSinkTests {

  private static final Rotation NONE =
      new Rotation(DataSize.ofMegabytes(10), DataSize.ofGigabytes(1), 7, false);

  @TempDir private Path folder;
  private final AtomicLong now = new AtomicLong();
  private final Execution execution = Executions.over(now::get);

  private FileSink open(Path file, Rotation rotation) throws IOException {
    return new FileSink(execution, file, rotation);
  }

  @Test
  void linesAreAppended() throws IOException {
    Path file = folder.resolve("below/audit (1).jsonl");
    for (int round = 0; round < 2; round++) {
      try (FileSink sink = open(file, NONE)) {
        sink.write("{\"a\":1}");
        assertThat(file).content().endsWith("{\"a\":1}\n");
        sink.write("{\"b\":2}");
      }
    }
    assertThat(file).content().isEqualTo("{\"a\":1}\n{\"b\":2}\n{\"a\":1}\n{\"b\":2}\n");
  }

  /** Refused requests can't fill the disk: whatever is written, the files stay below the cap. */
  @Test
  void rotationBoundsTheSize() throws IOException {
    Path file = folder.resolve("audit.jsonl");
    Rotation small = new Rotation(DataSize.ofKilobytes(10), DataSize.ofKilobytes(50), 7, false);
    // Lines that can't be compressed.
    Random random = new Random(11);
    String line = "";
    try (FileSink sink = open(file, small)) {
      for (int i = 0; i < 2_000; i++) {
        byte[] bytes = new byte[500];
        random.nextBytes(bytes);
        line = HexFormat.of().formatHex(bytes);
        sink.write(line);
      }
      assertThat(file.toFile()).hasSize(Files.size(file)).content().contains(line);
      assertThat(Files.size(file)).isLessThan(12_000);
      // Old files are compressed and removed in the background, at each rotation.
      String last = line;
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> {
            for (int i = 0; i < 20; i++) {
              sink.write(last);
            }
            return size() < 90_000;
          });
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSizeGreaterThan(1).anyMatch(old -> old.toString().endsWith(".gz"));
    }
  }

  private long size() {
    try (Stream<Path> files = Files.list(folder)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void fileThatCannotBeOpenedIsRefused() throws IOException {
    Path taken = Files.createFile(folder.resolve("taken"));
    assertThatThrownBy(() -> open(taken.resolve("audit.jsonl"), NONE))
        .isInstanceOf(IOException.class)
        .message()
        .isNotBlank();
    assertThatThrownBy(() -> open(folder, NONE)).isInstanceOf(IOException.class);
  }

  /** Another node of /dev/full, where each write fails; only root can make one. */
  private static boolean isFullDisk(Path file) throws IOException, InterruptedException {
    Process node =
        new ProcessBuilder("mknod", file.toString(), "c", "1", "7")
            .redirectErrorStream(true)
            .start();
    return node.waitFor() == 0 && Files.isWritable(file);
  }

  @Test
  void lineOnAFullDiskIsNotWritten() throws IOException, InterruptedException {
    Path file = folder.resolve("audit.jsonl");
    assumeThat(isFullDisk(file)).isTrue();
    try (FileSink sink = open(file, NONE)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> sink.write("lost"))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("No space left");
        now.addAndGet(i % 2 * FileSink.RETRY.toNanos());
      }
      Files.delete(file);
      Files.writeString(file, "{\"a half li");
      assertThatThrownBy(() -> sink.write("too early")).isInstanceOf(IOException.class);
      now.addAndGet(FileSink.RETRY.toNanos());
      sink.write("{\"next\":1}");
      sink.write("{\"next\":2}");
    }
    assertThat(file).content().isEqualTo("{\"a half li\n{\"next\":1}\n{\"next\":2}\n");
  }
}
