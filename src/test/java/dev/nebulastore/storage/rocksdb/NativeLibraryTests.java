package dev.nebulastore.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.nebulastore.storage.StartRefused;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/** A process loads the library only once, so a single run can't cover all ways. */
class NativeLibraryTests {

  private static final String RESOURCE = Environment.getJniLibraryFileName("rocksdb");

  @TempDir private Path folder;

  @Test
  void loadsOnceAndHasTheExpectedVersion() {
    TestLibrary.load();
    NativeLibrary.load(folder);
    assertThat(RocksDB.rocksdbVersion()).hasToString(NativeLibrary.VERSION);
  }

  @Test
  void theCopyIsComplete() throws IOException {
    Path library = NativeLibrary.extract(folder, RESOURCE);
    assertThat(library.getParent())
        .isEqualTo(folder.resolve("rocksdbjni-" + NativeLibrary.VERSION));
    try (var packed = RocksDB.class.getClassLoader().getResourceAsStream(RESOURCE)) {
      assertThat(packed).isNotNull();
      assertThat(Files.readAllBytes(library)).isEqualTo(packed.readAllBytes());
    }
    assertThat(siblings(library)).containsExactly(library);
  }

  @Test
  void theCopyIsMadeOnce() throws IOException {
    Path library = NativeLibrary.extract(folder, RESOURCE);
    FileTime longAgo = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(library, longAgo);
    assertThat(NativeLibrary.extract(folder, RESOURCE)).isEqualTo(library);
    assertThat(Files.getLastModifiedTime(library)).isEqualTo(longAgo);
  }

  @Test
  void aDamagedCopyIsReplaced() throws IOException {
    Path library = NativeLibrary.extract(folder, RESOURCE);
    byte[] whole = Files.readAllBytes(library);
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    Files.write(library, flipped);
    NativeLibrary.extract(folder, RESOURCE);
    assertThat(Files.readAllBytes(library)).isEqualTo(whole);
    Files.write(library, new byte[10]);
    NativeLibrary.extract(folder, RESOURCE);
    assertThat(Files.readAllBytes(library)).isEqualTo(whole);
    assertThat(siblings(library)).containsExactly(library);
  }

  @Test
  void aPlatformWithoutALibraryIsRefused() {
    assertThatExceptionOfType(StartRefused.class)
        .isThrownBy(() -> NativeLibrary.extract(folder, "librocksdbjni-amiga.so"))
        .withMessageStartingWith(
            "RocksDB has no library for this platform (librocksdbjni-amiga.so). Choose");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aPlaceThatCantBeWrittenIsRefused() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatExceptionOfType(StartRefused.class)
        .isThrownBy(() -> NativeLibrary.extract(file, RESOURCE))
        .withMessageStartingWith("RocksDB's library can't be copied to " + file);
  }

  @Test
  void anInstalledLibraryIsFoundByEitherName() throws IOException {
    Path first = Files.createDirectory(folder.resolve("first"));
    Path second = Files.createDirectory(folder.resolve("second"));
    String path = "" + File.pathSeparator + first + File.pathSeparator + second;
    assertThat(NativeLibrary.installed(path, "rocksdbjni-this")).isEmpty();
    Files.createFile(second.resolve(System.mapLibraryName("rocksdbjni-this")));
    assertThat(NativeLibrary.installed(path, "rocksdbjni-this")).hasValue("rocksdbjni-this");
    Files.createFile(first.resolve(System.mapLibraryName("rocksdbjni")));
    assertThat(NativeLibrary.installed(path, "rocksdbjni-this")).hasValue("rocksdbjni");
  }

  private static List<Path> siblings(Path file) throws IOException {
    try (Stream<Path> files = Files.list(file.getParent())) {
      return files.toList();
    }
  }
}
