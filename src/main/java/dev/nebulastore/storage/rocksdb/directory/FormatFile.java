package dev.nebulastore.storage.rocksdb.directory;

import dev.nebulastore.kv.Command;
import dev.nebulastore.storage.StartRefused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file {@code format} of a data directory, which says that it belongs to NebulaStore, and which
 * versions can read it.
 *
 * <p>Threads: immutable.
 *
 * @param restored whether the directory is a copy of a backup that was never opened
 */
record FormatFile(boolean restored) {

  /** The version of the layout of a data directory. */
  static final int VERSION = 1;

  static final String NAME = "format";

  /** The name under which a new file is written first; a crash may leave it. */
  static final String UNFINISHED = NAME + ".tmp";

  private static final int MAX_BYTES = 4_096;
  private static final Pattern HEAD =
      Pattern.compile("nebulastore\nformat=([1-9]\\d{0,8})\n(.*)", Pattern.DOTALL);
  private static final Pattern BODY =
      Pattern.compile("commands=([1-9]\\d{0,8})\n(restored=true\n)?");
  private static final Pattern COMMANDS =
      Pattern.compile("commands=([1-9]\\d{0,8})\n.*", Pattern.DOTALL);

  /**
   * Reads the format file of a directory, which must exist.
   *
   * @throws StartRefused if it is garbled, or a newer version wrote it
   */
  static FormatFile read(Path directory) throws IOException {
    Path file = directory.resolve(NAME);
    byte[] bytes;
    try (var in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    }
    Matcher head = HEAD.matcher(new String(bytes, StandardCharsets.UTF_8));
    if (bytes.length > MAX_BYTES || !head.matches()) {
      throw garbled(file);
    }
    requireKnown(directory, "format", head.group(1), VERSION);
    Matcher commands = COMMANDS.matcher(head.group(2));
    if (commands.matches()) {
      requireKnown(directory, "commands", commands.group(1), Command.VERSION);
    }
    Matcher body = BODY.matcher(head.group(2));
    if (!body.matches()) {
      throw garbled(file);
    }
    return new FormatFile(body.group(2) != null);
  }

  /** Replaces the format file of a directory. A crash leaves the old one or the new one. */
  void write(Path directory) throws IOException {
    Path unfinished = directory.resolve(UNFINISHED);
    try (FileChannel out =
        FileChannel.open(
            unfinished,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer text = StandardCharsets.UTF_8.encode(text());
      while (text.hasRemaining()) {
        out.write(text);
      }
      out.force(true);
    }
    Files.move(unfinished, directory.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    sync(directory);
  }

  /** Syncs the names in a folder. Systems without POSIX files don't support that. */
  static void sync(Path folder) throws IOException {
    if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }

  private String text() {
    return "nebulastore\nformat=%d\ncommands=%d\n%s"
        .formatted(VERSION, Command.VERSION, restored ? "restored=true\n" : "");
  }

  private static void requireKnown(Path directory, String what, String found, int known) {
    if (Integer.parseInt(found) > known) {
      throw new StartRefused(
          "The directory %s was written by a newer NebulaStore (%s %s; this one reads up to %d)."
                  .formatted(directory, what, found, known)
              + " Start that one, or choose another nebula.storage.directory.");
    }
  }

  private static StartRefused garbled(Path file) {
    return new StartRefused(
        "The file %s is not as NebulaStore writes it, so what lies beside it can't be trusted."
                .formatted(file)
            + " Restore the directory from a backup, or choose another nebula.storage.directory.");
  }
}
