package dev.nebulastore.storage.rocksdb.wal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Makes a damaged file of RocksDB's write-ahead log one that RocksDB reads to its end: what belongs
 * to no whole batch is covered by records of a type that a reader passes over. Every whole batch
 * stays as it is, where it is. RocksDB's own ways to skip damage lose more, and some flipped bytes
 * keep it from ever coming back.
 *
 * <p>Threads: confined to one thread.
 */
public final class WalSalvage {

  /** An unknown type, which readers ignore. */
  private static final byte IGNORABLE = (byte) 0xff;

  private final ByteBuffer log;
  private final CRC32C crc = new CRC32C();

  // Where the records of the current batch begin, while its last one has not come.
  private final List<Integer> begun = new ArrayList<>();
  private long covered;

  private WalSalvage(byte[] log) {
    this.log = ByteBuffer.wrap(log).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Covers what is damaged, in place; answers with the number of bytes that were covered. */
  public static long cover(byte[] log) {
    WalSalvage salvage = new WalSalvage(log);
    for (int block = 0; block < log.length; block += WalBlocks.BLOCK) {
      salvage.coverBlock(block, Math.min(block + WalBlocks.BLOCK, log.length));
    }
    salvage.abandon();
    return salvage.covered;
  }

  private void coverBlock(int from, int to) {
    int at = from;
    while (at + WalBlocks.HEADER <= to) {
      if (isRecord(at, to)) {
        take(at);
        at = end(at);
      } else {
        abandon();
        int next = findRecord(at + WalBlocks.HEADER, to);
        cover(at, next);
        at = next;
      }
    }
  }

  /** A record that is whole; whether its batch is, the following ones tell. */
  private void take(int at) {
    switch (type(at)) {
      case WalBlocks.FULL -> abandon();
      case WalBlocks.FIRST -> {
        abandon();
        begun.add(at);
      }
      case WalBlocks.MIDDLE -> continueBatch(at);
      case WalBlocks.LAST -> {
        continueBatch(at);
        begun.clear();
      }
      default -> {}
    }
  }

  private void continueBatch(int at) {
    if (begun.isEmpty()) {
      cover(at, end(at));
    } else {
      begun.add(at);
    }
  }

  /** The current batch has no end. */
  private void abandon() {
    begun.forEach(at -> cover(at, end(at)));
    begun.clear();
  }

  private void cover(int from, int to) {
    int length = to - from - WalBlocks.HEADER;
    log.putShort(from + 4, (short) length);
    log.put(from + 6, IGNORABLE);
    log.putInt(from, checksum(from, length));
    covered += to - from;
  }

  private int findRecord(int from, int to) {
    for (int at = from; at + WalBlocks.HEADER <= to; at++) {
      // An empty one is too easily found where there is none.
      if (type(at) >= WalBlocks.FULL
          && type(at) <= WalBlocks.LAST
          && length(at) > 0
          && isRecord(at, to)) {
        return at;
      }
    }
    return to;
  }

  private boolean isRecord(int at, int to) {
    return end(at) <= to && checksum(at, length(at)) == log.getInt(at);
  }

  private int checksum(int at, int length) {
    crc.reset();
    crc.update(log.array(), at + 6, 1 + length);
    return WalBlocks.masked(crc);
  }

  private int type(int at) {
    return Byte.toUnsignedInt(log.get(at + 6));
  }

  private int length(int at) {
    return Short.toUnsignedInt(log.getShort(at + 4));
  }

  private int end(int at) {
    return at + WalBlocks.HEADER + length(at);
  }
}
