package dev.nebulastore.api.keys;

import dev.nebulastore.api.answer.ShareBudget;
import dev.nebulastore.api.keys.Listing.Item;
import dev.nebulastore.api.keys.Listing.Listed;
import dev.nebulastore.api.keys.Listing.Read;
import dev.nebulastore.http.ContentMemory.Share;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.router.Keyspace.Pending;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Reads the values of a page, some at a time, in order. Each entry is as of the moment at which its
 * value is read; a key that is gone by then is left out. The page ends before the value that would
 * exceed a number of bytes, unless that is its first one. All values that are read count as the
 * memory of the request until it ends.
 *
 * <p>Threads: confined to the request's.
 */
final class PageValues {

  /** More reads at a time would only delay other requests. */
  private static final int MAX_READS = 16;

  private final Page page;
  private final Keyspace keyspace;
  private final Share share;
  private final TimeSlice slice;
  private final long maxBytes;
  private final Queue<Pending> reads = new ArrayDeque<>();
  private final List<Item> items = new ArrayList<>();
  private long bytes;

  /** The memory of what is not counted when it is read. */
  private long held;

  /** The next item of the page to add, or the item that does not fit any more. */
  private int next;

  private boolean full;

  /**
   * Creates a reader.
   *
   * @param share the memory of the request
   * @param slice the slice of the current thread
   * @param maxBytes of all values together
   */
  PageValues(Page page, Keyspace keyspace, Share share, TimeSlice slice, long maxBytes) {
    this.page = page;
    this.keyspace = keyspace;
    this.share = share;
    this.slice = slice;
    this.maxBytes = maxBytes;
    this.held = Listing.held(page.items());
  }

  /** The same page with values, or the part of it that fits. */
  Page read() {
    ContentBudget budget = new ShareBudget(share);
    long announced = 0;
    for (Item item : page.items()) {
      if (item instanceof Listed(var summary)) {
        // What would not fit is not read.
        if (full || (announced > 0 && announced + summary.size() > maxBytes)) {
          break;
        }
        announced += summary.size();
        if (reads.size() >= MAX_READS) {
          addOldest();
        }
        reads.add(keyspace.begin(new Command.Get(summary.key(), Precondition.NONE), budget));
      }
    }
    while (!reads.isEmpty() && !full) {
      addOldest();
    }
    addGroups();
    share.cover((int) Math.min(Integer.MAX_VALUE, held + bytes));
    return next < page.items().size()
        ? new Page(items, page.before(next).position())
        : new Page(items, page.position());
  }

  private void addOldest() {
    slice.check();
    Outcome outcome = reads.remove().await();
    addGroups();
    if (outcome instanceof Outcome.Found(Entry entry)) {
      int size = entry.value().size();
      if (bytes > 0 && bytes + size > maxBytes) {
        full = true;
        return;
      }
      bytes += size;
      if (size <= ContentBudget.SMALL) {
        held += size;
        share.need(held);
      }
      items.add(new Read(entry));
    }
    next++;
  }

  private void addGroups() {
    while (!full && next < page.items().size() && !(page.items().get(next) instanceof Listed)) {
      items.add(page.items().get(next));
      next++;
    }
  }
}
