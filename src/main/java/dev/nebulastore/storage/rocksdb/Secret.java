package dev.nebulastore.storage.rocksdb;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import org.rocksdb.RocksDBException;

/**
 * The secret of a database, which is stored as two of its numbers. It is drawn at the first start,
 * and is part of a backup.
 *
 * <p>Threads: immutable.
 */
final class Secret {

  private static final byte[] HIGH = "secret-high".getBytes(StandardCharsets.UTF_8);
  private static final byte[] LOW = "secret-low".getBytes(StandardCharsets.UTF_8);

  private Secret() {}

  /** The stored secret, or a new one. */
  static byte[] of(Database database) throws RocksDBException {
    long high = database.number(HIGH);
    long low = database.number(LOW);
    if (high == 0 && low == 0) {
      SecureRandom random = new SecureRandom();
      high = random.nextLong();
      low = random.nextLong();
      set(database, high, low);
    }
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).array();
  }

  private static void set(Database database, long high, long low) throws RocksDBException {
    database.write(
        true,
        (batch, open) -> {
          batch.put(open.numbers, HIGH, EntryCodec.encode(high));
          batch.put(open.numbers, LOW, EntryCodec.encode(low));
        });
  }
}
