package dev.nebulastore.storage.rocksdb.wal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** Writes logs like RocksDB, and logs that RocksDB would never write. */
final class LogForge {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** A complete record of any type. */
  LogForge record(int type, byte[] payload) {
    CRC32C crc = new CRC32C();
    crc.update(type);
    crc.update(payload);
    ByteBuffer header = ByteBuffer.allocate(WalBlocks.HEADER).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8);
    header.putShort((short) payload.length).put((byte) type);
    return raw(header.array()).raw(payload);
  }

  /** A batch of this number of writes in one record. */
  LogForge batch(long number, int writes) {
    return record(WalBlocks.FULL, payload(number, writes, 30));
  }

  LogForge raw(byte[] part) {
    bytes.writeBytes(part);
    return this;
  }

  int size() {
    return bytes.size();
  }

  /** The space that remains in the block after another record's header. */
  int room() {
    return WalBlocks.BLOCK - size() % WalBlocks.BLOCK - WalBlocks.HEADER;
  }

  void writeTo(Path file) throws IOException {
    Files.write(file, bytes.toByteArray());
  }

  static byte[] payload(long number, int writes, int size) {
    ByteBuffer payload = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    payload.putLong(number).putInt(writes);
    while (payload.hasRemaining()) {
      payload.put((byte) 0x55);
    }
    return payload.array();
  }
}
