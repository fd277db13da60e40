package dev.nebulastore.storage.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  private static final Logger log = LoggerFactory.getLogger(DiskSpace.class);

  /** What is free where the file system does not tell: a write will find out. */
  private static final long UNKNOWN = Long.MAX_VALUE;

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
    this.margin = Math.max(keptFree / MARGIN_SHARE, memtableBytes);
    this.reserve = new DiskReserve(folder, memtableBytes + RESERVE_BESIDE);
    this.lastLook = System.nanoTime();
    update(free(meter));
  }

  static DiskSpace of(Path folder, RocksDbProperties properties) throws IOException {
    return new DiskSpace(
        folder,
        meter(folder),
        properties.minFreeSpace().toBytes(),
        properties.memtableSize().toBytes());
  }

  /** Some file systems say that they are of no size at all. */
  private static Meter meter(Path folder) {
    try {
      FileStore disk = Files.getFileStore(folder);
      return () -> disk.getTotalSpace() == 0 ? UNKNOWN : disk.getUsableSpace();
    } catch (IOException e) {
      log.warn("How much is free on the disk of {} can't be told: {}", folder, e.toString());
      return () -> UNKNOWN;
    }
  }

  /** How many bytes are free on the disk of a folder. */
  static long free(Path folder) {
    return free(meter(folder));
  }

  private static long free(Meter meter) {
    try {
      return meter.free();
    } catch (IOException e) {
      return UNKNOWN;
    }
  }

  /** Whether no more may be added. */
  boolean isLow() {
    return low;
  }

  /** Whether puts will soon be refused if nothing is done. */
  boolean isTight() {
    return low || free < keptFree + keptFree / 2;
  }

  /**
   * How many bytes a compaction may take for a while: it should not fill the disk, nor be what
   * makes it low.
   */
  long room() {
    long now = free;
    return low ? Math.max(now / 2, (now - margin) / 4 * 3) : Math.max(0, now - keptFree);
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
    update(free(meter));
  }

  private void update(long measured) {
    free = measured;
    if (measured < keptFree || (reserve.isSpent() && measured != UNKNOWN)) {
      low = true;
    } else if (measured - margin >= keptFree) {
      low = false;
    }
  }

  /** A write has failed since the disk is full: what was reserved for that is to be used now. */
  void spendReserve() {
    reserve.spend();
    lookNow();
  }

  /** Reserves space again, if there is enough of it. */
  void fillReserve(BooleanSupplier stop) throws IOException {
    if (reserve.isHeld()) {
      return;
    }
    long now = free(meter);
    if (now != UNKNOWN && now - reserve.bytes() - margin >= keptFree) {
      reserve.fill(stop);
    }
  }

  /** Finds out whether the disk takes a file and its sync. */
  void probe() throws IOException {
    Path file = folder.resolve("probe");
    try (FileChannel channel = DiskReserve.openEmpty(file)) {
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
