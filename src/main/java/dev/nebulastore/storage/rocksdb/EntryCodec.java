package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Expiry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * The encoding of entries and expiries on disk, which docs/data-directory.md describes. Numbers are
 * big-endian. The record of an entry begins with the version of its form, so that a later form can
 * coexist with this one.
 *
 * <p>Threads: immutable.
 */
final class EntryCodec {

  /** The form of a record: 1. */
  private static final byte FORM = 1;

  private static final byte EXPIRES = 1;

  /** The length of a head, which has all but the value, unless the media type is long. */
  static final int HEAD = 2_048;

  /** Records up to this size are read at once, without a reservation of memory. */
  static final int SMALL_RECORD = ContentBudget.SMALL + 96;

  private static final int FIXED = 2 + Long.BYTES + Long.BYTES;

  private EntryCodec() {}

  /** A record that this version can not have written. */
  static final class MalformedRecord extends RocksDBException {
    private static final Status DAMAGED =
        new Status(Status.Code.Corruption, Status.SubCode.None, "malformed");

    MalformedRecord(@Nullable String message) {
      super(message, DAMAGED);
    }
  }

  /** The record of an entry, without its key. */
  static byte[] encode(Entry entry) {
    byte[] type = entry.value().contentType().getBytes(StandardCharsets.UTF_8);
    Instant expires = entry.expires();
    ByteBuffer record =
        ByteBuffer.allocate(
            FIXED
                + (expires == null ? 0 : Long.BYTES)
                + Integer.BYTES
                + type.length
                + entry.value().size());
    record.put(FORM).put(expires == null ? 0 : EXPIRES);
    record.putLong(entry.revision().number()).putLong(entry.modified().toEpochMilli());
    if (expires != null) {
      record.putLong(expires.toEpochMilli());
    }
    return record.putInt(type.length).put(type).put(entry.value().bytes()).array();
  }

  /**
   * The entry of a record.
   *
   * @param length how many of the bytes are the record
   */
  static Entry decode(Key key, byte[] bytes, int length) throws MalformedRecord {
    ByteBuffer record = ByteBuffer.wrap(bytes, 0, length);
    EntryMetadata summary = summary(key, record, length);
    byte[] value = new byte[record.remaining()];
    record.get(value);
    return entry(summary, new Value(value, summary.contentType()));
  }

  /**
   * The entry of a record, with its value unread.
   *
   * @param head the first bytes of the record
   * @param length of the whole record
   */
  static Entry decodeHead(Key key, byte[] head, int length) throws MalformedRecord {
    EntryMetadata summary = summary(key, ByteBuffer.wrap(head), length);
    return entry(summary, Value.unread((int) summary.size(), summary.contentType()));
  }

  private static Entry entry(EntryMetadata summary, Value value) {
    return new Entry(
        summary.key(), value, summary.revision(), summary.modified(), summary.expires());
  }

  /**
   * The metadata of an entry, whose value is not read.
   *
   * @param record the record, or as much of it as holds all but the value; the value is next in it
   *     afterwards
   * @param length of the whole record
   */
  static EntryMetadata summary(Key key, ByteBuffer record, int length) throws MalformedRecord {
    try {
      byte form = record.get();
      byte flags = record.get();
      if (form != FORM || (flags & ~EXPIRES) != 0) {
        throw new MalformedRecord("a record of form %d, flags %d".formatted(form, flags));
      }
      Revision revision = new Revision(record.getLong());
      Instant modified = Instant.ofEpochMilli(record.getLong());
      Instant expires = (flags & EXPIRES) == 0 ? null : Instant.ofEpochMilli(record.getLong());
      byte[] type = new byte[record.getInt()];
      record.get(type);
      String contentType = new String(type, StandardCharsets.UTF_8);
      return new EntryMetadata(
          key, revision, length - record.position(), contentType, modified, expires);
    } catch (BufferUnderflowException | NegativeArraySizeException | IllegalArgumentException e) {
      throw new MalformedRecord("a record of %d bytes that ends early".formatted(length));
    }
  }

  /** The key of an expiry in the index: ordered by the instant, then by the entry's key. */
  static byte[] encode(Expiry expiry) {
    byte[] key = expiry.key().utf8();
    return ByteBuffer.allocate(Long.BYTES + key.length)
        .putLong(expiry.at().toEpochMilli())
        .put(key)
        .array();
  }

  /** What sorts right after an expiry. */
  static byte[] encodeAfter(Expiry expiry) {
    byte[] bytes = encode(expiry);
    return Arrays.copyOf(bytes, bytes.length + 1);
  }

  /** What sorts before every expiry at this instant and after every earlier one. */
  static byte[] encode(Instant at) {
    return encode(at.toEpochMilli());
  }

  /** The expiry of a key of the index. */
  static Expiry decodeExpiry(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    Instant at = Instant.ofEpochMilli(buffer.getLong());
    byte[] key = new byte[buffer.remaining()];
    buffer.get(key);
    return new Expiry(at, Key.ofUtf8(key));
  }

  /** The expiry of an entry, if it has one. */
  static @Nullable Expiry expiryOf(@Nullable Entry entry) {
    return entry == null || entry.expires() == null
        ? null
        : new Expiry(entry.expires(), entry.key());
  }

  /** A number as its eight bytes. */
  static byte[] encode(long number) {
    return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
  }

  /** Two numbers, one after the other. */
  static byte[] encode(long first, long second) {
    return ByteBuffer.allocate(2 * Long.BYTES).putLong(first).putLong(second).array();
  }

  /** One of the numbers in these bytes; 0 if there are fewer. */
  static long decodeNumber(byte[] bytes, int index) {
    int at = index * Long.BYTES;
    return at + Long.BYTES <= bytes.length ? ByteBuffer.wrap(bytes).getLong(at) : 0;
  }
}
