package dev.nebulastore.storage.memory;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import dev.nebulastore.storage.Checkpoint;
import dev.nebulastore.storage.CheckpointRefused;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint of the memory engine: one file of all entries in the order of their keys, ended by a
 * checksum. Numbers are big-endian. The file takes its name when all of it is on disk.
 *
 * <p>Threads: immutable; each {@link #read} opens the file anew.
 */
record MemoryCheckpoint(Path folder, Revision applied, Instant lastTime, long entries)
    implements Checkpoint {

  private static final String NAME = "entries";
  private static final String UNFINISHED = NAME + ".tmp";

  /** "nebula", and the version of the form. */
  private static final long HEAD = 0x6e65_6275_6c61_0001L;

  /** Writes all entries; the folder is there. */
  static void write(Path folder, Revision applied, Instant lastTime, List<Entry> entries)
      throws IOException {
    Path unfinished = folder.resolve(UNFINISHED);
    try (FileChannel file =
        FileChannel.open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      OutputStream buffer = new BufferedOutputStream(Channels.newOutputStream(file));
      CheckedOutputStream sum = new CheckedOutputStream(buffer, new CRC32C());
      DataOutputStream out = new DataOutputStream(sum);
      out.writeLong(HEAD);
      out.writeLong(applied.number());
      write(out, lastTime);
      out.writeLong(entries.size());
      for (Entry entry : entries) {
        write(out, entry);
      }
      out.writeLong(sum.getChecksum().getValue());
      out.flush();
      file.force(true);
    }
    Files.move(unfinished, folder.resolve(NAME), StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel names = FileChannel.open(folder, StandardOpenOption.READ)) {
      names.force(true);
    }
  }

  private static void write(DataOutputStream out, Entry entry) throws IOException {
    write(out, entry.key().utf8());
    out.writeLong(entry.revision().number());
    write(out, entry.modified());
    Instant expires = entry.expires();
    out.writeBoolean(expires != null);
    if (expires != null) {
      write(out, expires);
    }
    write(out, entry.value().contentType().getBytes(StandardCharsets.UTF_8));
    write(out, entry.value().bytes());
  }

  private static void write(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static void write(DataOutputStream out, Instant time) throws IOException {
    out.writeLong(time.getEpochSecond());
    out.writeInt(time.getNano());
  }

  /**
   * Opens a checkpoint, and reads it once to check it.
   *
   * @throws CheckpointRefused if it was not finished, or is damaged
   */
  static MemoryCheckpoint open(Path folder) {
    return through(folder, entry -> {});
  }

  @Override
  public void read(Consumer<Entry> to) {
    var _ = through(folder, to);
  }

  private static MemoryCheckpoint through(Path folder, Consumer<Entry> to) {
    Path file = folder.resolve(NAME);
    try (CheckedInputStream sum =
            new CheckedInputStream(
                new BufferedInputStream(Files.newInputStream(file)), new CRC32C());
        DataInputStream in = new DataInputStream(sum)) {
      long size = Files.size(file);
      if (in.readLong() != HEAD) {
        throw new IOException("it is of another form");
      }
      Revision applied = new Revision(in.readLong());
      Instant lastTime = readInstant(in);
      long count = in.readLong();
      for (long i = 0; i < count; i++) {
        to.accept(readEntry(in, size));
      }
      long expected = sum.getChecksum().getValue();
      if (in.readLong() != expected || in.read() >= 0) {
        throw new IOException("the checksum differs");
      }
      return new MemoryCheckpoint(folder, applied, lastTime, count);
    } catch (NoSuchFileException e) {
      throw new CheckpointRefused(folder, file + " is missing, so it was not finished", e);
    } catch (IOException | RuntimeException e) {
      throw new CheckpointRefused(folder, file + " is damaged: " + e.getMessage(), e);
    }
  }

  private static Entry readEntry(DataInputStream in, long size) throws IOException {
    Key key = Key.ofUtf8(readBytes(in, size));
    Revision revision = new Revision(in.readLong());
    Instant modified = readInstant(in);
    @Nullable Instant expires = in.readBoolean() ? readInstant(in) : null;
    String contentType = new String(readBytes(in, size), StandardCharsets.UTF_8);
    return new Entry(key, new Value(readBytes(in, size), contentType), revision, modified, expires);
  }

  /** A damaged length must not take more memory than the file could fill. */
  private static byte[] readBytes(DataInputStream in, long size) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > size) {
      throw new IOException("a part is of %d bytes".formatted(length));
    }
    byte[] bytes = new byte[length];
    in.readFully(bytes);
    return bytes;
  }

  private static Instant readInstant(DataInputStream in) throws IOException {
    return Instant.ofEpochSecond(in.readLong(), in.readInt());
  }

  @Override
  public void close() {
    // Nothing is open between two reads.
  }
}
