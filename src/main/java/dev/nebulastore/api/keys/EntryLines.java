package dev.nebulastore.api.keys;

import dev.nebulastore.api.batch.Pipeline;
import dev.nebulastore.api.keys.Listing.Item;
import dev.nebulastore.api.keys.Listing.Listed;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.router.Keyspace;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of listed keys, many at a time, and writes each entry as a line when it arrives.
 * Each entry is as of the moment at which its value is read; a key that is gone by then is left
 * out. A value is counted until its line is written.
 *
 * <p>Threads: confined to the request's.
 */
final class EntryLines implements Pipeline.ArrivalListener, AutoCloseable {

  private final ListingJson json;
  private final OutputStream out;
  private final TimeSlice slice;
  private final Pipeline pipeline;

  /**
   * Creates a writer of lines.
   *
   * @param shares opens shares of the memory for values
   * @param slice the slice of the current thread
   */
  EntryLines(
      Keyspace keyspace,
      Supplier<Share> shares,
      ListingJson json,
      OutputStream out,
      TimeSlice slice) {
    this.json = json;
    this.out = out;
    this.slice = slice;
    this.pipeline = new Pipeline(keyspace, _ -> true, shares, this);
  }

  /** Begins to read these; some of them may not be written yet when it returns. */
  void add(List<Item> items) throws IOException {
    for (Item item : items) {
      if (item instanceof Listed(var summary)) {
        pipeline.begin(new Command.Get(summary.key(), Precondition.NONE), 0);
      }
    }
  }

  /** Writes all that was added. */
  void finish() throws IOException {
    pipeline.settleAll();
  }

  @Override
  public void arrived(Command command, Outcome outcome) throws IOException {
    slice.check();
    if (outcome instanceof Outcome.Found(Entry entry)) {
      json.operation(entry, out);
    }
  }

  @Override
  public void failed(Exception failure, @Nullable Key key) {
    throw failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
  }

  @Override
  public void waits() {}

  @Override
  public void close() {
    pipeline.abandon();
  }
}
