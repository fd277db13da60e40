package dev.nebulastore.api.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.KeyRange;
import dev.nebulastore.kv.ScanPage;
import dev.nebulastore.router.Keyspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks through the keys with a prefix, in the order of their bytes. With a delimiter, keys that
 * contain it behind the prefix are grouped: what they share, up to and including its first
 * occurrence, is one item, and the walk continues behind the group.
 *
 * <p>Each step is one bounded scan. A key that exists throughout is found exactly once, since steps
 * never go back.
 *
 * <p>Threads: confined to the request's.
 */
final class Listing {

  /** The number of keys of a step. */
  static final int STEP = 1_000;

  /** The number of keys of a step behind a group, since the next group may be near. */
  private static final int SHORT_STEP = 16;

  private static final int GROWTH = 4;

  /** A key exists as bytes, as text, and as JSON, twice while that grows. */
  private static final int COPIES = 4;

  /** Bytes of the objects of an item, and of its JSON without the key. */
  private static final int OVERHEAD = 500;

  /** An item of a listing. */
  sealed interface Item {
    /** The position behind this item. */
    byte[] behind();
  }

  /** A key with the metadata of its entry. */
  record Listed(EntryMetadata summary) implements Item {
    @Override
    public byte[] behind() {
      return KeyRange.behind(summary.key());
    }
  }

  /** An entry with its value. */
  record Read(Entry entry) implements Item {
    /** All but the value. */
    EntryMetadata summary() {
      return EntryMetadata.of(entry);
    }

    @Override
    public byte[] behind() {
      return KeyRange.behind(entry.key());
    }
  }

  /** All keys that begin with this. */
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
   * Creates a walk.
   *
   * @param delimiter the delimiter, or an empty text for none
   * @param from where to begin; null for the first key of the prefix
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
   * How much memory items take, with their text. The result of one step is bounded, so it is
   * counted after the step, before its text is made or the next step runs.
   */
  static long held(List<Item> items) {
    long held = 0;
    for (Item item : items) {
      held +=
          OVERHEAD
              + (long) COPIES
                  * switch (item) {
                    case Listed(EntryMetadata summary) -> summary.textBytes();
                    case Read read -> read.summary().textBytes();
                    case Group(String prefix) -> prefix.length();
                  };
    }
    return held;
  }

  /** The position of the walk; null at its end. */
  byte @Nullable [] position() {
    return rest == null ? null : rest.from();
  }

  /**
   * Takes a step.
   *
   * @param most the most items to return; there may be none before the end of the walk
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
