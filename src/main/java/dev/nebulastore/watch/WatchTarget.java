package dev.nebulastore.watch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.Change;
import dev.nebulastore.kv.Key;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a subscription watches: keys, all keys with one of some prefixes, and which changes of them.
 *
 * <p>Threads: immutable.
 */
public final class WatchTarget {

  private final Set<Key> keys;
  private final List<byte[]> prefixes;
  private final Set<Change.Kind> kinds;

  private WatchTarget(Set<Key> keys, List<byte[]> prefixes, Set<Change.Kind> kinds) {
    this.keys = keys;
    this.prefixes = prefixes;
    this.kinds = kinds;
  }

  /** Only this key. */
  public static WatchTarget inKey(Key key) {
    return of(Set.of(key), Set.of());
  }

  /** All keys with this prefix, which need not be a key itself. Every key has the empty prefix. */
  public static WatchTarget inPrefix(String prefix) {
    return of(Set.of(), Set.of(prefix));
  }

  /** These keys, and all keys with one of these prefixes. */
  public static WatchTarget of(Collection<Key> keys, Collection<String> prefixes) {
    return new WatchTarget(
        Set.copyOf(keys),
        prefixes.stream().distinct().map(WatchTarget::utf8).toList(),
        EnumSet.allOf(Change.Kind.class));
  }

  private static byte[] utf8(String prefix) {
    byte[] utf8 = prefix.getBytes(UTF_8);
    if (!prefix.equals(new String(utf8, UTF_8))) {
      throw new IllegalArgumentException("A prefix holds no half of a surrogate pair");
    }
    return utf8;
  }

  /** The same, but only these changes. Changes that may have been missed are always told. */
  public WatchTarget only(Set<Change.Kind> chosen) {
    return new WatchTarget(keys, prefixes, EnumSet.copyOf(chosen));
  }

  /** Whether it includes this key. */
  boolean matches(Key changed) {
    if (keys.contains(changed)) {
      return true;
    }
    if (prefixes.isEmpty()) {
      return false;
    }
    byte[] utf8 = changed.utf8();
    for (byte[] prefix : prefixes) {
      if (utf8.length >= prefix.length
          && Arrays.equals(utf8, 0, prefix.length, prefix, 0, prefix.length)) {
        return true;
      }
    }
    return false;
  }

  /** Whether it includes this kind of change. */
  boolean includes(Change.Kind kind) {
    return kinds.contains(kind);
  }

  Set<Key> keys() {
    return keys;
  }

  /** The bytes of the prefixes, for the index. */
  List<ByteBuffer> prefixes() {
    return prefixes.stream().map(ByteBuffer::wrap).toList();
  }
}
