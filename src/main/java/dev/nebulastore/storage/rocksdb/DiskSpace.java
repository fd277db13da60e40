package dev.nebulastore.storage.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.BooleanSupplier;

/**
 * The room on the disk, and what is kept of it for deletes and for RocksDB's own work.
 *
 * <p>States, which are also what refuses a put and what health and metrics tell: enough ──less than
 * {@code min-free-space} is free, or the {@link DiskReserve} was spent──▶ low ──a margin more than
 * that is free, and the reserve is held again──▶ enough. The margin is more than RocksDB takes at
 * once, so that the state does not change to and fro with every file that comes and goes.
 *
 * <p>Threads: {@link #look} and {@link #probe} are confined to the committer's, {@link
 * #fillReserve} to the reclaimer's; the rest is safe for all.
 */
final class DiskSpace {

  /** Tells how many bytes are free. */
  interface Meter {
    long free() throws IOException;
  }

  private static final long NANOS_BETWEEN_LOOKS = 10_000_000;
  private static final int PROBE_BYTES = 1 << 20;
  private static final int MARGIN_SHARE = 8;

  /** Beside a flush of all memory: the log, the manifest, a probe. */
  private static final long RESERVE_BESIDE = 8L << 20;

  private final Path folder;
  private final Meter meter;
  private final long keptFree;
  private final long margin;
  private final DiskReserve reserve;
  private long lastLook;
  private volatile long free;
  private volatile boolean low;

  /**
   * Measures the disk.
   *
   * @param keptFree with less of it no put is accepted
   * @param memtableBytes what RocksDB may write at once
   */
  DiskSpace(Path folder, Meter meter, long keptFree, long memtableBytes) throws IOException {
    this.folder = folder;
    this.meter = meter;
    this.keptFree = keptFree;
    this.margin = Math.max(keptFree / MARGIN_SHARE, memtableBytes / 2);
    this.reserve = new DiskReserve(folder, memtableBytes + RESERVE_BESIDE);
    this.lastLook = System.nanoTime();
    update(meter.free());
  }

  static DiskSpace of(Path folder, RocksDbProperties properties) throws IOException {
    var disk = Files.getFileStore(folder);
    return new DiskSpace(
        folder,
        disk::getUsableSpace,
        properties.minFreeSpace().toBytes(),
        properties.memtableSize().toBytes());
  }

  /** Whether no more may be added. */
  boolean isLow() {
    return low;
  }

  /** Whether puts will soon be refused if nothing is done. */
  boolean isTight() {
    return low || free < keptFree + keptFree / 2;
  }

  /** How many bytes were free at the last look. */
  long free() {
    return free;
  }

  /** Measures anew, unless that was just done. */
  void look() {
    long now = System.nanoTime();
    if (now - lastLook >= NANOS_BETWEEN_LOOKS) {
      lastLook = now;
      lookNow();
    }
  }

  /** Measures anew. */
  void lookNow() {
    try {
      update(meter.free());
    } catch (IOException e) {
      // A disk that can't tell is not therefore full; a write will find out.
      update(Long.MAX_VALUE);
    }
  }

  private void update(long measured) {
    free = measured;
    if (reserve.isSpent() || measured < keptFree) {
      low = true;
    } else if (measured - margin >= keptFree) {
      low = false;
    }
  }

  /** A write has failed since the disk is full: what was reserved for that is to be used now. */
  void spendReserve() throws IOException {
    reserve.spend();
    lookNow();
  }

  /** Reserves space again, if there is enough of it. */
  void fillReserve(BooleanSupplier stop) throws IOException {
    if (!reserve.isHeld() && meter.free() - reserve.bytes() - margin >= keptFree) {
      reserve.fill(stop);
    }
  }

  /** Finds out whether the disk takes a file and its sync. */
  void probe() throws IOException {
    Path file = folder.resolve("probe");
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.allocate(PROBE_BYTES);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  /** Why no more may be added. */
  @Override
  public String toString() {
    return reserve.isSpent()
        ? "the disk was full; %d MB are free, and %d MB have to be"
            .formatted(free >> 20, (keptFree + margin + reserve.bytes()) >> 20)
        : "%d MB are free on the disk, nebula.storage.rocksdb.min-free-space is %d MB"
                .formatted(free >> 20, keptFree >> 20)
            + ", and puts are accepted again at %d MB".formatted((keptFree + margin) >> 20);
  }
}
