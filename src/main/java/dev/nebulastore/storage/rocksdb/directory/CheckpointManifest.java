package dev.nebulastore.storage.rocksdb.directory;

import dev.nebulastore.storage.StartRefused;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code checkpoint} of a checkpoint's folder, which lists the files of its database. It
 * is written when they are complete, so a checkpoint without it was not finished; and a file that
 * is missing, or differs from the list, was not copied whole or is damaged. Tables are not read for
 * that: RocksDB checks each block of them by its checksum when it is read.
 *
 * <p>Threads: immutable.
 *
 * @param files the files by their names
 */
public record CheckpointManifest(SortedMap<String, Content> files) {

  /**
   * What a file holds.
   *
   * @param size in bytes
   * @param sum the CRC-32C of its bytes; 0 for a table
   */
  public record Content(long size, long sum) {

    static Content of(Path file) throws IOException {
      return new Content(Files.size(file), file.toString().endsWith(TABLE) ? 0 : sum(file));
    }

    private static long sum(Path file) throws IOException {
      try (CheckedInputStream in =
          new CheckedInputStream(Files.newInputStream(file), new CRC32C())) {
        in.transferTo(OutputStream.nullOutputStream());
        return in.getChecksum().getValue();
      }
    }
  }

  /** Its name in a checkpoint's folder, and in a data directory that is a copy of one. */
  public static final String NAME = "checkpoint";

  private static final Pattern LINE = Pattern.compile("(\\d{1,18}) ([0-9a-f]{8}) ([\\w.-]+)");
  private static final String HEAD = "nebulastore checkpoint 1\n";
  private static final String END = "end ";
  private static final String TABLE = ".sst";

  /** Copies the map. */
  public CheckpointManifest {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
  }

  /** Lists the files of a database that nobody changes. */
  public static CheckpointManifest of(Path database) throws IOException {
    SortedMap<String, Content> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(database)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        contents.put(file.getFileName().toString(), Content.of(file));
      }
    }
    return new CheckpointManifest(contents);
  }

  /** Whether a folder has one. */
  static boolean isIn(Path folder) {
    return Files.exists(folder.resolve(NAME));
  }

  /**
   * Makes sure that a folder is a complete checkpoint that no server was started on.
   *
   * @param database the folder of its database
   * @throws StartRefused if a newer version wrote it
   * @throws IOException if it was not finished, is damaged, or can't be read
   */
  public static void requireCheckpoint(Path folder, Path database) throws IOException {
    Path format = folder.resolve(FormatFile.NAME);
    if (!Files.exists(format)) {
      throw new IOException(format + " is missing, so it was not finished");
    }
    if (!FormatFile.read(folder).restored()) {
      throw new IOException("a server was started on it");
    }
    Optional<String> problem = problem(folder, database);
    if (problem.isPresent()) {
      throw new IOException(problem.get());
    }
  }

  /**
   * Compares the files of a database with the list of a folder; others may be there, too.
   *
   * @return what is wrong, as a clause; empty if nothing is
   */
  static Optional<String> problem(Path folder, Path database) throws IOException {
    Path file = folder.resolve(NAME);
    if (!isIn(folder)) {
      return Optional.of(file + " is missing, so it was not finished");
    }
    CheckpointManifest manifest = parsed(Files.readString(file, StandardCharsets.ISO_8859_1));
    return manifest == null ? Optional.of(file + " is damaged") : manifest.difference(database);
  }

  private static @Nullable CheckpointManifest parsed(String text) {
    int end = text.lastIndexOf(END);
    if (!text.startsWith(HEAD)
        || end < HEAD.length()
        || !text.substring(end).equals(ending(text.substring(0, end)))) {
      return null;
    }
    SortedMap<String, Content> contents = new TreeMap<>();
    for (String line : text.substring(HEAD.length(), end).lines().toList()) {
      Matcher entry = LINE.matcher(line);
      if (!entry.matches()) {
        return null;
      }
      long size = Long.parseLong(entry.group(1));
      contents.put(entry.group(3), new Content(size, Long.parseLong(entry.group(2), 16)));
    }
    return new CheckpointManifest(contents);
  }

  /** Writes the file of a checkpoint, and syncs it. */
  public void write(Path folder) throws IOException {
    StringBuilder text = new StringBuilder(HEAD);
    files.forEach((name, content) ->
        text.append("%d %08x %s\n".formatted(content.size(), content.sum(), name)));
    text.append(ending(text.toString()));
    Path file = folder.resolve(NAME);
    Files.writeString(file, text, StandardCharsets.ISO_8859_1, StandardOpenOption.CREATE_NEW);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    FormatFile.sync(folder);
  }

  private Optional<String> difference(Path database) throws IOException {
    for (var expected : files.entrySet()) {
      Path file = database.resolve(expected.getKey());
      if (!Files.exists(file)) {
        return Optional.of(file + " is missing");
      }
      long size = Files.size(file);
      if (size != expected.getValue().size()) {
        return Optional.of(
            "%s has %d bytes of %d".formatted(file, size, expected.getValue().size()));
      }
      if (!Content.of(file).equals(expected.getValue())) {
        return Optional.of(file + " is damaged");
      }
    }
    return Optional.empty();
  }

  private static String ending(String text) {
    CRC32C crc = new CRC32C();
    crc.update(text.getBytes(StandardCharsets.ISO_8859_1));
    return "%s%08x\n".formatted(END, crc.getValue());
  }
}
