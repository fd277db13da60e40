package dev.nebulastore.storage.rocksdb.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * The blocks of one file of RocksDB's write-ahead log, one after the other, and what can be said of
 * a place in the current block without the others.
 *
 * <p>A block has 32 KB. A record lies within a block, behind a header of seven bytes: a masked
 * CRC-32C over type and payload, the payload's length, the type.
 *
 * <p>Threads: confined to one thread.
 */
final class WalBlocks implements AutoCloseable {

  static final int BLOCK = 32_768;
  static final int HEADER = 7;

  /** A batch begins with the number of its first write and the count of its writes. */
  static final int BATCH_HEADER = 12;

  static final int FULL = 1;
  static final int FIRST = 2;
  static final int MIDDLE = 3;
  static final int LAST = 4;

  private static final int LENGTH = 4;
  private static final int TYPE = 6;

  /** In blocks. */
  private static final int READ_AHEAD = 32;

  /** The greatest number that RocksDB gives to a write. */
  private static final long MAX_NUMBER = (1L << 56) - 1;

  private final FileChannel channel;
  private final ByteBuffer bytes;
  private final CRC32C crc = new CRC32C();

  /** The bytes that are buffered, of all blocks that were read ahead. */
  private int filled;

  /** Where the block begins and ends among them. */
  private int start;

  private int end;

  /** Where in the file the block begins. */
  private long offset;

  WalBlocks(Path file) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.READ);
    // Never empty, and a whole number of blocks.
    int blocks = (int) Math.min(channel.size() / BLOCK + 1, READ_AHEAD);
    bytes = ByteBuffer.allocateDirect(blocks * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Advances to the next block, if there is one. */
  boolean next() throws IOException {
    offset += end - start;
    start = end;
    if (start == filled) {
      bytes.clear();
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // A read may bring less than was asked for.
      }
      filled = bytes.position();
      start = 0;
    }
    end = Math.min(start + BLOCK, filled);
    return start < end;
  }

  /** Where the block begins in the file. */
  long offset() {
    return offset;
  }

  /** The bytes of the block, fewer than all only at the end of the file. */
  int size() {
    return end - start;
  }

  /** The bytes of the block up to the last that is not zero. */
  int used() {
    int last = end;
    while (last > start && bytes.get(last - 1) == 0) {
      last--;
    }
    return last - start;
  }

  int type(int at) {
    return Byte.toUnsignedInt(bytes.get(start + at + TYPE));
  }

  int length(int at) {
    return Short.toUnsignedInt(bytes.getShort(start + at + LENGTH));
  }

  /** Copies as much of the record's payload as still fits. */
  void copyPayload(int at, ByteBuffer target) {
    int length = Math.min(length(at), target.remaining());
    target.put(bytes.duplicate().clear().limit(payload(at) + length).position(payload(at)));
  }

  /** Whether a whole record begins there. */
  boolean isRecord(int at) {
    int length = length(at);
    if (at + HEADER + length > size()) {
      return false;
    }
    crc.reset();
    crc.update(bytes.limit(payload(at) + length).position(start + at + TYPE));
    bytes.clear();
    return masked(crc) == bytes.getInt(start + at);
  }

  /** A checksum as it stands in a header. */
  static int masked(CRC32C crc) {
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  /**
   * Finds a whole record that begins a batch, wherever it lies: where the last record is not whole,
   * its length can't be trusted to lead to the next one.
   *
   * @param from where to begin
   * @param number what the batch's number must at least be
   * @return where it begins, or -1
   */
  int findBatch(int from, long number) {
    for (int at = from; at + HEADER <= size(); at++) {
      int type = type(at);
      boolean plausible =
          switch (type) {
            case FULL -> beginsWhole(at, number);
            case FIRST -> beginsPart(at, number);
            default -> false;
          };
      if (plausible && isRecord(at)) {
        return at;
      }
    }
    return -1;
  }

  private boolean beginsWhole(int at, long number) {
    int length = length(at);
    return length >= BATCH_HEADER
        && at + HEADER + length <= size()
        && isNumber(at, number)
        && Integer.compareUnsigned(bytes.getInt(payload(at) + Long.BYTES), length) <= 0;
  }

  /** The first part of a batch takes all that is left of its block. */
  private boolean beginsPart(int at, long number) {
    int length = length(at);
    return at + HEADER + length == BLOCK
        && size() == BLOCK
        && (length < Long.BYTES || isNumber(at, number));
  }

  private boolean isNumber(int at, long least) {
    long number = bytes.getLong(payload(at));
    return number >= least && number <= MAX_NUMBER;
  }

  private int payload(int at) {
    return start + at + HEADER;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
