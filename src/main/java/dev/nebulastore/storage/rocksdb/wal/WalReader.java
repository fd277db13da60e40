package dev.nebulastore.storage.rocksdb.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads one file of RocksDB's write-ahead log from batch to batch, and judges what stands where
 * they end. A batch is a FULL record, or a FIRST one, MIDDLE ones and a LAST one, each of which but
 * the last fills its block.
 *
 * <p>Once a record is not whole, nothing behind it is read as the log any more, only looked through
 * for a batch that proves that the log once continued there.
 *
 * <p>Threads: confined to one thread.
 */
final class WalReader {

  /** Tells of timestamps in keys, and has no writes. */
  private static final int TIMESTAMP_SIZES = 10;

  /** A reader may ignore unknown types from here on. */
  private static final int IGNORABLE = 128;

  private static final long NONE = -1;

  private final Path file;
  private final WalBlocks blocks;

  /** The beginning of the current batch, even if it lies in two records. */
  private final ByteBuffer head =
      ByteBuffer.allocate(WalBlocks.BATCH_HEADER).order(ByteOrder.LITTLE_ENDIAN);

  /** Where the current batch begins, while its LAST record has not come. */
  private long begun = NONE;

  /** Where the batch begins that is not whole, once there is one. */
  private long torn = NONE;

  /** Behind the last whole batch. */
  private long valid;

  /** Behind the last byte that is not zero. */
  private long used;

  private long firstNumber = NONE;
  private long nextNumber = NONE;
  private @Nullable WalDamage damage;

  private WalReader(Path file, WalBlocks blocks) {
    this.file = file;
    this.blocks = blocks;
  }

  /**
   * What a file holds.
   *
   * @param validBytes up to the end of its last whole batch
   * @param usedBytes up to its last byte that is not zero
   * @param tornAt where a batch begins that is not whole, or -1
   * @param firstNumber the number of the first write, or -1 if there is none
   * @param nextNumber the number that the write behind the last one has, or -1
   * @param damage what can't be the end of a log, or null
   */
  record Content(
      Path file,
      long validBytes,
      long usedBytes,
      long tornAt,
      long firstNumber,
      long nextNumber,
      @Nullable WalDamage damage) {

    /** The bytes of a batch that is not whole; free space at the end does not count. */
    long tornBytes() {
      return tornAt == NONE ? 0 : Math.max(0, usedBytes - tornAt);
    }

    boolean isEmpty() {
      return usedBytes == 0;
    }

    boolean hasBatches() {
      return firstNumber != NONE;
    }
  }

  static Content read(Path file) throws IOException {
    try (WalBlocks blocks = new WalBlocks(file)) {
      return new WalReader(file, blocks).read();
    }
  }

  private Content read() throws IOException {
    while (damage == null && blocks.next()) {
      int usedHere = blocks.used();
      if (usedHere > 0) {
        used = blocks.offset() + usedHere;
      }
      int at = torn == NONE ? readBlock() : 0;
      if (torn != NONE && damage == null) {
        lookThrough(at);
      }
    }
    if (torn == NONE) {
      torn = begun;
    }
    return new Content(file, valid, used, torn, firstNumber, nextNumber, damage);
  }

  /** Reads the block's records, and returns where to look further if one is not whole. */
  private int readBlock() {
    int at = 0;
    while (at + WalBlocks.HEADER <= blocks.size()) {
      if (!blocks.isRecord(at) || !take(at)) {
        torn = begun == NONE ? blocks.offset() + at : begun;
        return at + 1;
      }
      if (damage != null) {
        return at;
      }
      at += WalBlocks.HEADER + blocks.length(at);
    }
    boolean cut = at < blocks.size() && blocks.size() < WalBlocks.BLOCK;
    if (cut) {
      torn = begun == NONE ? blocks.offset() + at : begun;
    }
    return at;
  }

  /** Takes a whole record; false if it continues a batch that has not begun. */
  private boolean take(int at) {
    long offset = blocks.offset() + at;
    switch (blocks.type(at)) {
      case WalBlocks.FULL -> {
        begin(offset, at);
        end(at);
      }
      case WalBlocks.FIRST -> begin(offset, at);
      case WalBlocks.MIDDLE -> {
        if (begun == NONE) {
          return false;
        }
        blocks.copyPayload(at, head);
      }
      case WalBlocks.LAST -> {
        if (begun == NONE) {
          return false;
        }
        blocks.copyPayload(at, head);
        end(at);
      }
      default -> pass(offset, blocks.type(at));
    }
    return true;
  }

  private void begin(long offset, int at) {
    if (begun != NONE) {
      damage(begun, "a batch has no end, and another begins at byte " + offset);
      return;
    }
    begun = offset;
    blocks.copyPayload(at, head.clear());
  }

  private void end(int at) {
    if (damage != null) {
      return;
    }
    if (head.hasRemaining()) {
      damage(begun, "a batch is too short to be one");
      return;
    }
    long number = head.getLong(0);
    if (nextNumber != NONE && number != nextNumber) {
      damage(begun, "write " + nextNumber + " should follow, and " + number + " does");
      return;
    }
    if (firstNumber == NONE) {
      firstNumber = number;
    }
    nextNumber = number + Integer.toUnsignedLong(head.getInt(Long.BYTES));
    valid = blocks.offset() + at + WalBlocks.HEADER + blocks.length(at);
    begun = NONE;
  }

  private void pass(long offset, int type) {
    if (type < IGNORABLE && type != TIMESTAMP_SIZES) {
      damage(offset, "a record has the type " + type + ", which is not known");
    }
  }

  private void lookThrough(int from) {
    int found = blocks.findBatch(from, Math.max(0, nextNumber));
    if (found >= 0) {
      damage(
          torn, "a record is damaged, and whole ones follow at byte " + (blocks.offset() + found));
    }
  }

  private void damage(long offset, String what) {
    damage = new WalDamage(file, offset, what);
  }
}
