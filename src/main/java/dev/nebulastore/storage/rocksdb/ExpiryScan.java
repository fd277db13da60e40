package dev.nebulastore.storage.rocksdb;

import dev.nebulastore.kv.Expiry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/**
 * One bounded scan of the expiries, in the order of their instants. It may end early, at expiries
 * that were deleted ({@link TombstoneBound}).
 *
 * <p>Threads: immutable; {@link #through} may wait for the disk.
 *
 * @param from the encoded expiry to begin at
 * @param until the last instant, included
 * @param limit the number of expiries that are found at most
 */
@SuppressWarnings("ArrayRecordComponent")
record ExpiryScan(byte[] from, Instant until, int limit) {

  /** Nothing expires later. */
  private static final Instant LAST = Instant.ofEpochMilli(Long.MAX_VALUE);

  /**
   * What a scan found.
   *
   * @param rest where to continue if the scan ended early; null if there is nothing more
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Due(List<Expiry> found, byte @Nullable [] rest) {
    Due {
      found = List.copyOf(found);
    }
  }

  /** Scans; where only deleted expiries lie ahead, a longer way at each attempt. */
  Due through(OpenDatabase open) throws RocksDBException {
    for (long skipped = TombstoneBound.SKIPPED; ; skipped = TombstoneBound.more(skipped)) {
      Due due = through(open, skipped);
      byte[] rest = due.rest();
      if (rest == null || !due.found().isEmpty() || !Arrays.equals(rest, from)) {
        return due;
      }
    }
  }

  private Due through(OpenDatabase open, long skipped) throws RocksDBException {
    List<Expiry> found = new ArrayList<>();
    byte[] to = until.isBefore(LAST) ? EntryCodec.encode(until.plusMillis(1)) : null;
    TombstoneBound bound = new TombstoneBound(open, open.expiries, to);
    try (Slice end = to == null ? null : new Slice(to);
        ReadOptions options = TombstoneBound.options(skipped);
        RocksIterator iterator =
            open.db.newIterator(
                open.expiries, end == null ? options : options.setIterateUpperBound(end))) {
      for (iterator.seek(from); iterator.isValid(); iterator.next()) {
        if (found.size() == limit || bound.isReached()) {
          return new Due(found, found.size() == limit ? null : iterator.key());
        }
        found.add(EntryCodec.decodeExpiry(iterator.key()));
      }
      return new Due(
          found,
          bound.end(iterator, found.isEmpty() ? from : EntryCodec.encodeAfter(found.getLast())));
    }
  }
}
