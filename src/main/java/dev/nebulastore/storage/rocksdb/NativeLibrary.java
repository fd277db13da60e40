package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.storage.StartRefused;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * RocksDB's native library for the current platform. It is loaded from a folder of {@code
 * java.library.path} that contains it. Otherwise it is copied once from the jar to a fixed place,
 * where later starts find it. RocksDB itself would copy it at each start to the folder for
 * temporary files, which may be mounted {@code noexec}, and where a crash leaves the copy.
 *
 * <p>Threads: safe for all; RocksDB loads the library once.
 */
final class NativeLibrary {

  /** The version of rocksdbjni, which its jar does not contain. */
  static final String VERSION = "11.8.1";

  private static final String NAME = "rocksdb";

  private NativeLibrary() {}

  /**
   * Loads the library.
   *
   * @param folder below which it is copied, if no folder of {@code java.library.path} has it
   * @throws StartRefused if there is none for this platform, or the system won't load it
   */
  static void load(Path folder) {
    String platform;
    try {
      platform = Environment.getJniLibraryName(NAME);
    } catch (UnsupportedOperationException e) {
      throw new StartRefused(none(String.valueOf(e.getMessage())), e);
    }
    Optional<String> installed = installed(System.getProperty("java.library.path", ""), platform);
    if (installed.isPresent()) {
      loadInstalled(installed.get());
    } else {
      String resource = Environment.getJniLibraryFileName(NAME);
      loadFrom(extract(folder.toAbsolutePath().normalize(), resource));
    }
  }

  /** The name under which a folder of the path has the library. */
  static Optional<String> installed(String path, String platform) {
    List<String> names = List.of(Environment.getSharedLibraryName(NAME), platform);
    for (String folder : path.split(File.pathSeparator, -1)) {
      for (String name : names) {
        if (!folder.isEmpty() && Files.exists(Path.of(folder, System.mapLibraryName(name)))) {
          return Optional.of(name);
        }
      }
    }
    return Optional.empty();
  }

  /** Tried here first: if that failed in RocksDB, it would use the jar without notice. */
  @SuppressWarnings("restricted")
  private static void loadInstalled(String name) {
    try {
      System.loadLibrary(name);
    } catch (UnsatisfiedLinkError e) {
      throw new StartRefused(
          "The library %s of java.library.path can't be loaded: %s. Put the one of rocksdbjni %s"
                  .formatted(System.mapLibraryName(name), e.getMessage(), VERSION)
              + " for this platform there, or none.",
          e);
    }
    RocksDB.loadLibrary();
  }

  static void loadFrom(Path library) {
    Path folder = library.getParent();
    try {
      RocksDB.loadLibrary(List.of(String.valueOf(folder)));
    } catch (UnsatisfiedLinkError e) {
      throw new StartRefused(
          "The library %s can't be loaded: %s. If its folder is mounted noexec, mount it otherwise,"
                  .formatted(library, String.valueOf(e.getMessage()).strip())
              + " or put that file, as %s, into a folder of java.library.path."
                  .formatted(Environment.getJniLibraryFileName(NAME)),
          e);
    }
  }

  /**
   * Copies the library from the jar, unless it is there; two processes may do so at once.
   *
   * @param resource its name in the jar
   */
  static Path extract(Path folder, String resource) {
    Path home = folder.resolve("rocksdbjni-" + VERSION);
    // The name that RocksDB looks for in a given folder.
    Path library = home.resolve(Environment.getJniLibraryFileName(NAME + "jni"));
    URL packed = RocksDB.class.getClassLoader().getResource(resource);
    if (packed == null) {
      throw new StartRefused(none(resource));
    }
    try {
      if (!Files.exists(library) || !Sum.of(library).equals(Sum.of(packed))) {
        Files.createDirectories(home);
        copy(packed, home, library);
      }
      return library;
    } catch (IOException e) {
      throw new StartRefused(
          "RocksDB's library can't be copied to %s: %s. Make room, or give the folder to the user"
                  .formatted(library, e)
              + " of this process, or put the library into a folder of java.library.path.",
          e);
    }
  }

  private static void copy(URL packed, Path home, Path library) throws IOException {
    Path unfinished = Files.createTempFile(home, "unfinished-", null);
    try (InputStream in = packed.openStream()) {
      Files.copy(in, unfinished, StandardCopyOption.REPLACE_EXISTING);
      Files.move(unfinished, library, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  private static String none(String what) {
    return "RocksDB has no library for this platform (%s). Choose nebula.storage.engine=memory, or"
            .formatted(what)
        + " put one that was built for it into a folder of java.library.path.";
  }

  /** The size and checksum of a library. */
  private record Sum(long size, long crc) {

    static Sum of(Path file) throws IOException {
      try (InputStream in = Files.newInputStream(file)) {
        return of(in);
      }
    }

    /** A jar has these of its entries, without unpacking them. */
    static Sum of(URL packed) throws IOException {
      if (packed.openConnection() instanceof JarURLConnection jar && jar.getJarEntry() != null) {
        return new Sum(jar.getJarEntry().getSize(), jar.getJarEntry().getCrc());
      }
      try (InputStream in = packed.openStream()) {
        return of(in);
      }
    }

    private static Sum of(InputStream in) throws IOException {
      CheckedInputStream summed = new CheckedInputStream(in, new CRC32());
      long size = summed.transferTo(OutputStream.nullOutputStream());
      return new Sum(size, summed.getChecksum().getValue());
    }
  }
}
