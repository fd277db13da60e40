package dev.nebulastore.api.keys;

import dev.nebulastore.api.keys.Listing.Item;
import dev.nebulastore.http.ContentMemory.Share;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a listing.
 *
 * @param position where the next page begins; null if there is none
 */
@SuppressWarnings("ArrayRecordComponent")
record Page(List<Item> items, byte @Nullable [] position) {

  /** A page ends after so many steps, even if it has few items. */
  private static final int MAX_STEPS = 2_000;

  /**
   * Takes a page from a listing. It looks for one more item than wanted, to know whether there is a
   * next page.
   *
   * @param share the memory of the request, in which the items are counted
   */
  static Page of(Listing listing, int limit, Share share) {
    List<Item> items = new ArrayList<>();
    long held = 0;
    for (int step = 0; step < MAX_STEPS && items.size() <= limit; step++) {
      List<Item> found = listing.next(limit + 1 - items.size());
      items.addAll(found);
      held += Listing.held(found);
      share.need(held);
      if (listing.position() == null) {
        break;
      }
    }
    return items.size() <= limit
        ? new Page(items, listing.position())
        : new Page(items, null).before(limit);
  }

  /** The items before this one, of which there must be some; the next page begins behind them. */
  Page before(int item) {
    List<Item> kept = items.subList(0, item);
    return new Page(kept, kept.getLast().behind());
  }
}
