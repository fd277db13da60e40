package dev.nebulastore.storage.rocksdb.directory;

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
 * The free space of the disk, of which some is kept for deletes and for RocksDB itself.
 *
 * <p>States: enough ──less than {@code min-free-space} is free, or the {@link DiskReserve} was
 * spent──▶ low ──a margin more than that is free, and the reserve is held again──▶ enough. While it
 * is low, puts are refused, and health and metrics say so. The margin is more than RocksDB takes at
 * once, so that the state does not change with every file that comes and goes.
 *
 * <p>Threads: {@link #look} and {@link #probe} are confined to the committer's, {@link
 * #fillReserve} to the reclaimer's; the rest is safe for all.
 */
public final class DiskSpace implements FreeSpace {

  /** Measures how many bytes are free. */
  public interface Meter {
    long free() throws IOException;
  }

  private static final Logger log = LoggerFactory.getLogger(DiskSpace.class);

  /** The free space where the file system does not report it: a write will find out. */
  private static final long UNKNOWN = Long.MAX_VALUE;

  private static final long NANOS_BETWEEN_LOOKS = 10_000_000;
  private static final int PROBE_BYTES = 1 << 20;
  private static final int MARGIN_SHARE = 8;

  /**
   * What the reserve has in addition to a flush of all memtables: the log, the manifest, a probe.
   */
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
   * @param keptFree the bytes of free space below which no put is accepted
   * @param memtableBytes the bytes that RocksDB may write at once
   */
  public DiskSpace(Path folder, Meter meter, long keptFree, long memtableBytes) throws IOException {
    this.folder = folder;
    this.meter = meter;
    this.keptFree = keptFree;
    this.margin = Math.max(keptFree / MARGIN_SHARE, memtableBytes);
    this.reserve = new DiskReserve(folder, memtableBytes + RESERVE_BESIDE);
    this.lastLook = System.nanoTime();
    update(free(meter));
  }

  /** Measures the disk of a folder; see the constructor. */
  public static DiskSpace of(Path folder, long keptFree, long memtableBytes) throws IOException {
    return new DiskSpace(folder, meter(folder), keptFree, memtableBytes);
  }

  /** Some file systems report a size of zero. */
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
  public static long free(Path folder) {
    return free(meter(folder));
  }

  private static long free(Meter meter) {
    try {
      return meter.free();
    } catch (IOException e) {
      return UNKNOWN;
    }
  }

  @Override
  public boolean isLow() {
    return low;
  }

  /** Whether puts will soon be refused if nothing is done. */
  public boolean isTight() {
    return low || free < keptFree + keptFree / 2;
  }

  /**
   * The bytes that a compaction may take temporarily. It should neither fill the disk nor make the
   * free space low.
   */
  public long room() {
    long now = free;
    return low ? Math.max(now / 2, (now - margin) / 4 * 3) : Math.max(0, now - keptFree);
  }

  /** The bytes that were free at the last measurement. */
  public long free() {
    return free;
  }

  @Override
  public void look() {
    long now = System.nanoTime();
    if (now - lastLook >= NANOS_BETWEEN_LOOKS) {
      lastLook = now;
      lookNow();
    }
  }

  /** Measures again. */
  public void lookNow() {
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

  @Override
  public void spendReserve() {
    reserve.spend();
    lookNow();
  }

  /** Fills the reserve again, if there is enough free space. */
  public void fillReserve(BooleanSupplier stop) throws IOException {
    if (reserve.isHeld()) {
      return;
    }
    long now = free(meter);
    if (now != UNKNOWN && now - reserve.bytes() - margin >= keptFree) {
      reserve.fill(stop);
    }
  }

  @Override
  public void probe() throws IOException {
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

  /** Why puts are refused. */
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
