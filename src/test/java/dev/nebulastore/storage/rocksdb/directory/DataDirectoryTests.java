package dev.nebulastore.storage.rocksdb.directory;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.nebulastore.kv.Command;
import dev.nebulastore.storage.StartRefused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataDirectoryTests {

  private static final String OURS = "nebulastore\nformat=1\ncommands=1\n";

  @TempDir private Path folder;
  private Path data;

  @BeforeEach
  void inAFolderOfItsOwn() {
    data = folder.resolve("data");
  }

  @Test
  void aMissingDirectoryIsCreatedWithItsParents() throws IOException {
    Path deep = data.resolve("a/b");
    try (DataDirectory opened = DataDirectory.open(deep)) {
      assertThat(opened.database()).isEqualTo(deep.resolve("db")).isEmptyDirectory();
      assertThat(opened.restored()).isFalse();
    }
    assertThat(deep.resolve("format")).hasContent(OURS);
  }

  @Test
  void aClosedDirectoryOpensAgain() throws IOException {
    DataDirectory.open(data).close();
    Files.writeString(data.resolve("db/CURRENT"), "x");
    DataDirectory again = DataDirectory.open(data);
    again.close();
    again.close();
    DataDirectory.open(data).close();
    assertThat(data.resolve("db/CURRENT")).hasContent("x");
  }

  @Test
  void theRootOfANewFileSystemCountsAsEmpty() throws IOException {
    Files.createDirectories(data.resolve("lost+found"));
    DataDirectory.open(data).close();
    DataDirectory.open(data).close();
  }

  /** Each state that a crash may leave between the steps that initialize a directory. */
  @Test
  void aCrashDuringInitializationLeavesItUsable() throws IOException {
    Files.createDirectory(data);
    Files.createFile(data.resolve("lock"));
    DataDirectory.open(data).close();
    Files.delete(data.resolve("format"));
    DataDirectory.open(data).close();
    Files.move(data.resolve("format"), data.resolve("format.tmp"));
    Files.writeString(data.resolve("format.tmp"), "nebula");
    DataDirectory.open(data).close();
    assertThat(data.resolve("format")).hasContent(OURS);
    assertThat(data.resolve("format.tmp")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"notes.txt", "..data", "CURRENT", "db/000004.log", "lock/x"})
  void aForeignOneIsRefusedAndNotTouched(String entry) throws IOException {
    Path file = data.resolve(entry);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "theirs");
    refused(
        "The directory %s is not NebulaStore's: it has no file format, but has %s. Choose an empty"
            + " one with nebula.storage.directory.",
        data, data.relativize(file).getName(0));
  }

  @Test
  void aLockFileWithContentIsForeign() throws IOException {
    Files.createDirectory(data);
    Files.writeString(data.resolve("lock"), "4711");
    refused("The directory %s is not NebulaStore's: it has no file format, but has lock.", data);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nebulastore\n",
        "nebulastore\nformat=1\n",
        "nebulastore\nformat=1\ncommands=1",
        "nebulastore\nformat=1\ncommands=1\nrestored=true",
        "nebulastore\nformat=1\ncommands=1\nrestored=yes\n",
        "nebulastore\nformat=1\ncommands=1\ncolour=red\n",
        "nebulastore\nformat=1\ncommands=1\n\n",
        "nebulastore\r\nformat=1\r\ncommands=1\r\n",
        "nebulastore\nformat=0\ncommands=1\n",
        "nebulastore\nformat=-2\ncommands=1\n",
        "nebulastore\nformat=99999999999\ncommands=1\n",
        "nebulastore\ncommands=1\nformat=1\n",
        "otherstore\nformat=2\ncommands=1\n",
      })
  void aGarbledFormatIsRefused(String text) throws IOException {
    ours(text);
    refused(
        "The file %s is not as NebulaStore writes it, so what lies beside it can't be trusted."
            + " Restore the directory from a backup, or choose another nebula.storage.directory.",
        data.resolve("format"));
  }

  @Test
  void aFormatThatIsNoTextIsRefused() throws IOException {
    ours("nebulastore\n");
    Files.write(data.resolve("format"), new byte[] {(byte) 0xff, 0, 1});
    refused("The file %s is not as", data.resolve("format"));
    Files.write(data.resolve("format"), OURS.repeat(200).getBytes(UTF_8));
    refused("The file %s is not as", data.resolve("format"));
    Files.delete(data.resolve("format"));
    Files.createDirectory(data.resolve("format"));
    refused("The directory %s can't be used: ", data);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nebulastore\nformat=2\ncommands=1\n",
        "nebulastore\nformat=2\nanything else\n",
        "nebulastore\nformat=2\n",
      })
  void aNewerFormatIsRefused(String text) throws IOException {
    ours(text);
    refused(
        "The directory %s was written by a newer NebulaStore (format 2; this one reads up to 1)."
            + " Start that one, or choose another nebula.storage.directory.",
        data);
  }

  @Test
  void newerCommandsAreRefused() throws IOException {
    ours("nebulastore\nformat=1\ncommands=%d\nmore=1\n".formatted(Command.VERSION + 1));
    refused("The directory %s was written by a newer NebulaStore (commands 2; this one", data);
  }

  @Test
  void aFileIsRefused() throws IOException {
    Files.writeString(data, "x");
    refusal(data, "%s is not a directory. Move it away, or choose another", data);
    refusal(data.resolve("below"), "%s is not a directory. Move it away, or", data);
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nowhere"));
    refusal(link, "%s is not a directory.", link);
  }

  @Test
  void aLinkToADirectoryIsFollowed() throws IOException {
    Files.createDirectory(data);
    Path link = Files.createSymbolicLink(folder.resolve("link"), data);
    try (DataDirectory opened = DataDirectory.open(link)) {
      assertThat(opened.database()).isDirectory();
      refused("The directory %s is in use by this very process.", data);
    }
  }

  @Test
  void aDirectoryThatCantBeWrittenIsRefused() throws IOException {
    Files.createDirectory(
        data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-xr-xr-x")));
    assumeFalse(Files.isWritable(data), "skipped: root may write everywhere");
    refused("The directory %s can't be used: it may not be read and written. Give it to", data);
    refusal(data.resolve("below"), "The directory %s can't be", data.resolve("below"));
  }

  @Test
  void aDirectoryThatCantBeCreatedIsRefused() {
    Path nowhere = Path.of("/proc/nebulastore");
    assertThat(refusal(nowhere, "The directory %s can't be used: ", nowhere))
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void aDirectoryInUseIsRefused() throws Exception {
    try (DataDirectory held = DataDirectory.open(data)) {
      assertThat(held.database()).isDirectory();
      assertThat(anotherProcessTakes(data)).contains(data + " is in use by another process.");
      // Checks only the message: reading the lock file here would release the lock too.
      refusal(
          data,
          "The directory %s is in use by this very process. Stop that one, or choose another"
              + " nebula.storage.directory.",
          data);
      assertThat(anotherProcessTakes(data))
          .as("the refusal here did not release the lock")
          .contains(data + " is in use by another process.");
    }
    assertThat(anotherProcessTakes(data)).isEmpty();
  }

  @Test
  void aRefusedDirectoryIsNotLocked() throws IOException {
    ours("nebulastore\nformat=2\ncommands=1\n");
    refused("The directory %s was written by a newer", data);
    Files.writeString(data.resolve("format"), OURS);
    DataDirectory.open(data).close();
  }

  @Test
  void aCopyOfABackupIsMarkedUntilItWasOpened() throws IOException {
    Files.createDirectories(data.resolve("db"));
    Files.writeString(data.resolve("db/CURRENT"), "x");
    DataDirectory.describe(data, true);
    assertThat(data.resolve("format")).hasContent(OURS + "restored=true\n");
    DataDirectory.open(data).close();
    try (DataDirectory copy = DataDirectory.open(data)) {
      assertThat(copy.restored()).isTrue();
      copy.settle();
      assertThat(copy.restored()).isFalse();
    }
    try (DataDirectory settled = DataDirectory.open(data)) {
      assertThat(settled.restored()).isFalse();
    }
    assertThat(data.resolve("format")).hasContent(OURS);
  }

  @Test
  void anIncompleteCopyOfABackupIsRefused() throws IOException {
    Files.createDirectories(data.resolve("db"));
    DataDirectory.describe(data, true);
    refusal(
        data,
        "The directory %s is an incomplete copy of a backup: %s is missing. Copy it again.",
        data,
        data.resolve("db/CURRENT"));
    assertThatCode(() -> DataDirectory.describe(data, false)).doesNotThrowAnyException();
    DataDirectory.open(data).close();
  }

  private void copyACheckpoint() throws IOException {
    Files.createDirectories(data.resolve("db"));
    Files.writeString(data.resolve("db/CURRENT"), "MANIFEST-1");
    Files.writeString(data.resolve("db/000001.sst"), "a table");
    CheckpointManifest.of(data.resolve("db")).write(data);
    DataDirectory.describe(data, true);
  }

  @Test
  void aCopyWithAFileThatIsShortIsRefused() throws IOException {
    copyACheckpoint();
    Files.writeString(data.resolve("db/000001.sst"), "a tab");
    refusal(
        data,
        "The directory %s is an incomplete copy of a backup: %s has 5 bytes of 7. Copy it again.",
        data,
        data.resolve("db/000001.sst"));
  }

  @Test
  void aCopyWithADamagedFileOrListIsRefused() throws IOException {
    copyACheckpoint();
    Files.writeString(data.resolve("db/CURRENT"), "MANIFEST-2");
    refusal(
        data,
        "The directory %s is an incomplete copy of a backup: %s is damaged. Copy it again.",
        data,
        data.resolve("db/CURRENT"));
    Path list = data.resolve(CheckpointManifest.NAME);
    Files.writeString(list, Files.readString(list).replace("000001", "000002"));
    refusal(
        data,
        "The directory %s is an incomplete copy of a backup: %s is damaged. Copy it again.",
        data,
        list);
  }

  /** A crash before the copy was settled leaves files that RocksDB has changed. */
  @Test
  void aCopyIsComparedWithItsListOnlyOnce() throws IOException {
    copyACheckpoint();
    DataDirectory.open(data).close();
    assertThat(data.resolve(CheckpointManifest.NAME)).doesNotExist();
    Files.delete(data.resolve("db/000001.sst"));
    DataDirectory.open(data).close();
  }

  private void ours(String format) throws IOException {
    Files.createDirectories(data.resolve("db"));
    Files.writeString(data.resolve("format"), format);
  }

  /**
   * The directory is refused with a message that starts with this, and nothing in it has changed.
   */
  @FormatMethod
  private void refused(@FormatString String message, Object... places) throws IOException {
    Map<String, String> before = content();
    refusal(data, message, places);
    assertThat(content()).isEqualTo(before);
  }

  @FormatMethod
  private static StartRefused refusal(
      Path directory, @FormatString String message, Object... places) {
    StartRefused refusal =
        catchThrowableOfType(StartRefused.class, () -> DataDirectory.open(directory).close());
    assertThat(refusal).hasMessageStartingWith(message.formatted(places));
    assertThat(refusal.getMessage()).endsWith(".").doesNotContain("\n");
    return refusal;
  }

  private Map<String, String> content() throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        content.put(
            file.toString(), Files.isRegularFile(file) ? Files.readString(file, ISO_8859_1) : "");
      }
    }
    return content;
  }

  /** The output of the other process; empty if it succeeded. */
  private static String anotherProcessTakes(Path directory)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                HoldDirectory.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(said.isEmpty() ? 0 : 1);
      return said;
    } finally {
      process.destroyForcibly();
    }
  }
}
