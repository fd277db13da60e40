package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.router.Keyspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A walk through the keys that begin with a prefix, in the order of their bytes. With a delimiter,
 * the keys that hold it behind the prefix are rolled up: what they share up to and with its first
 * occurrence is one item, and the walk goes on behind all of them.
 *
 * <p>Each step is one bounded look through the keys. A key that stands throughout is met once,
 * since steps never go back and the looks see all that stands.
 *
 * <p>Threads: confined to the request's.
 */
final class Listing {

  /** How many keys a step looks at. */
  static final int STEP = 1_000;

  /** Behind a rolled-up group the next one may be near: there is no use in looking far. */
  private static final int SHORT_STEP = 16;

  private static final int GROWTH = 4;

  /** As the bytes of a key, as text, and as JSON, twice while that grows. */
  private static final int COPIES = 4;

  /** An item's objects, and what JSON says beside its key. */
  private static final int OVERHEAD = 500;

  /** What a listing lists. */
  sealed interface Item {
    /** From where on a listing goes on behind this item. */
    byte[] behind();
  }

  /** A key with what there is to tell of its entry. */
  record Listed(EntryMetadata summary) implements Item {
    @Override
    public byte[] behind() {
      return KeyRange.behind(summary.key());
    }
  }

  /** All keys that begin with this, rolled up. */
  record Group(String prefix) implements Item {
    @Override
    public byte[] behind() {
      byte[] behind = KeyRange.behind(prefix.getBytes(UTF_8));
      if (behind == null) {
        throw new IllegalStateException("Text of UTF-8 has no byte 0xff");
      }
      return behind;
    }
  }

  private final Keyspace keyspace;
  private final int prefixLength;
  private final byte[] delimiter;
  private @Nullable KeyRange rest;
  private int step = STEP;

  /**
   * A walk that has not begun.
   *
   * @param delimiter empty for none
   * @param from where it begins; null for the first key of the prefix
   */
  Listing(Keyspace keyspace, String prefix, String delimiter, byte @Nullable [] from) {
    this.keyspace = keyspace;
    byte[] start = prefix.getBytes(UTF_8);
    this.prefixLength = start.length;
    this.delimiter = delimiter.getBytes(UTF_8);
    KeyRange all = KeyRange.ofPrefix(start);
    this.rest = from == null ? all : all.startingAt(from);
  }

  /**
   * What items take in memory, with the text that is made of them. What one step finds is bounded:
   * it is counted when it has come, before it is made text of, or more is looked for.
   */
  static long held(List<Item> items) {
    long held = 0;
    for (Item item : items) {
      held +=
          OVERHEAD
              + (long) COPIES
                  * switch (item) {
                    case Listed(EntryMetadata summary) -> summary.textBytes();
                    case Group(String prefix) -> prefix.length();
                  };
    }
    return held;
  }

  /** From where on it goes on; null when all was looked at. */
  byte @Nullable [] position() {
    return rest == null ? null : rest.from();
  }

  /**
   * Takes a step.
   *
   * @param most how many items there may be; there may be none though the walk is not at its end
   */
  List<Item> next(int most) {
    KeyRange range = rest;
    if (range == null) {
      return List.of();
    }
    ScanPage stretch = keyspace.scan(range, Math.min(step, most));
    List<Item> items = new ArrayList<>();
    byte[] behindGroup = null;
    for (EntryMetadata summary : stretch.found()) {
      byte[] key = summary.key().utf8();
      if (behindGroup == null || Arrays.compareUnsigned(key, behindGroup) >= 0) {
        Item item = item(summary, key);
        items.add(item);
        behindGroup = item instanceof Group group ? group.behind() : null;
      }
    }
    goOn(range, stretch.rest(), behindGroup);
    return items;
  }

  private void goOn(KeyRange range, @Nullable KeyRange left, byte @Nullable [] behindGroup) {
    if (left == null
        || behindGroup == null
        || Arrays.compareUnsigned(left.from(), behindGroup) >= 0) {
      rest = left;
      step = Math.min(step * GROWTH, STEP);
    } else {
      byte[] end = range.to();
      boolean over = end != null && Arrays.compareUnsigned(behindGroup, end) >= 0;
      rest = over ? null : range.startingAt(behindGroup);
      step = SHORT_STEP;
    }
  }

  private Item item(EntryMetadata summary, byte[] key) {
    int last = delimiter.length == 0 ? -1 : key.length - delimiter.length;
    for (int at = prefixLength; at <= last; at++) {
      int end = at + delimiter.length;
      if (Arrays.equals(key, at, end, delimiter, 0, delimiter.length)) {
        return new Group(new String(key, 0, end, UTF_8));
      }
    }
    return new Listed(summary);
  }
}
