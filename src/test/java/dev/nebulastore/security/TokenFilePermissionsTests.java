package dev.nebulastore.security;

import static dev.nebulastore.security.SampleTokens.line;
import static dev.nebulastore.security.SampleTokens.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which files are read, and how a change of one is noticed. */
class TokenFilePermissionsTests {

  private static final String LINE = line(text("ci", 1), "roles=read");

  @TempDir private Path folder;
  private Path path = Path.of("");
  private TokenFile file = new TokenFile(path);

  @BeforeEach
  void write() throws IOException {
    path = folder.resolve("tokens");
    Files.writeString(path, LINE);
    mode("rw-------");
    file = new TokenFile(path);
  }

  private void mode(String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-------", "r--------", "r--r-----", "rw-r-----", "rwx------"})
  void fileOfItsUserAloneIsRead(String permissions) throws Exception {
    mode(permissions);
    assertThat(file.read()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"rw-r--r--", "rw----r--", "rw-----w-", "rw------x", "rw--w----", "rw-rw----"})
  void fileThatOthersCanUseIsRefused(String permissions) throws IOException {
    mode(permissions);
    assertThatThrownBy(file::read)
        .isInstanceOf(UnusableTokenFile.class)
        .hasMessageStartingWith("has the mode " + permissions + ", ")
        .hasMessageContaining("run \"chmod 600 " + path + "\"");
  }

  @Test
  void missingFileAndDirectoryAreRefused() throws IOException {
    assertThatThrownBy(new TokenFile(folder)::read)
        .isInstanceOf(UnusableTokenFile.class)
        .hasMessage("is not a regular file");
    Files.delete(path);
    assertThatThrownBy(file::read)
        .isInstanceOf(UnusableTokenFile.class)
        .hasMessage("does not exist");
    assertThat(file.version()).isEmpty();
  }

  /** As Kubernetes replaces a mounted secret. */
  @Test
  void symbolicLinksAreFollowed() throws Exception {
    Files.createDirectory(folder.resolve("1"));
    Files.move(path, folder.resolve("1/tokens"));
    Files.createSymbolicLink(folder.resolve("data"), Path.of("1"));
    Files.createSymbolicLink(path, Path.of("data/tokens"));
    assertThat(file.read()).hasSize(1);
    Optional<Object> before = file.version();

    Files.createDirectory(folder.resolve("2"));
    Files.writeString(folder.resolve("2/tokens"), "#" + LINE.substring(1));
    Files.setPosixFilePermissions(
        folder.resolve("2/tokens"), PosixFilePermissions.fromString("r--------"));
    Files.createSymbolicLink(folder.resolve("next"), Path.of("2"));
    Files.move(folder.resolve("next"), folder.resolve("data"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(file.version()).isPresent().isNotEqualTo(before);
    assertThat(file.read()).isEmpty();
  }

  @Test
  void eachChangeIsAnotherVersion() throws IOException {
    FileTime then = FileTime.from(Instant.parse("2026-01-01T00:00:00Z"));
    Files.setLastModifiedTime(path, then);
    Set<Optional<Object>> versions = new HashSet<>();
    assertThat(versions.add(file.version())).isTrue();
    assertThat(versions.add(file.version())).as("nothing has changed").isFalse();

    Files.writeString(path, LINE + "#");
    Files.setLastModifiedTime(path, then);
    assertThat(versions.add(file.version())).as("the size").isTrue();
    Files.setLastModifiedTime(path, FileTime.from(then.toInstant().plusNanos(1_000_000)));
    assertThat(versions.add(file.version())).as("the time").isTrue();
    mode("r--r--r--");
    assertThat(versions.add(file.version())).as("the permissions").isTrue();
    Path other = Files.copy(path, folder.resolve("b"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);
    assertThat(versions.add(file.version())).as("another file in its place").isTrue();
  }

  @Test
  void fileSystemWithoutPermissionsIsNotChecked() throws Exception {
    try (FileSystem zip =
        FileSystems.newFileSystem(folder.resolve("a.zip"), Map.of("create", "true"))) {
      Path inside = zip.getPath("/tokens");
      Files.writeString(inside, LINE);
      TokenFile unchecked = new TokenFile(inside);
      assertThat(unchecked.read()).hasSize(1);
      assertThat(unchecked.version()).isPresent().isEqualTo(unchecked.version());
    }
  }
}
