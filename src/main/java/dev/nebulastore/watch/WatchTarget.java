package dev.nebulastore.watch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.Key;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What somebody watches: one key, or all keys that begin with a text.
 *
 * <p>Threads: immutable.
 */
public final class WatchTarget {

  private final @Nullable Key key;
  private final byte[] prefix;

  private WatchTarget(@Nullable Key key, byte[] prefix) {
    this.key = key;
    this.prefix = prefix;
  }

  /** This key alone. */
  public static WatchTarget inKey(Key key) {
    return new WatchTarget(key, key.utf8());
  }

  /**
   * All keys whose text begins with this one, which need not be a key itself: the empty one is in
   * all.
   */
  public static WatchTarget inPrefix(String prefix) {
    byte[] utf8 = prefix.getBytes(UTF_8);
    if (!prefix.equals(new String(utf8, UTF_8))) {
      throw new IllegalArgumentException("A prefix holds no half of a surrogate pair");
    }
    return new WatchTarget(null, utf8);
  }

  /** Whether a change of this key is of interest. */
  boolean matches(Key changed) {
    if (key != null) {
      return key.equals(changed);
    }
    byte[] utf8 = changed.utf8();
    return utf8.length >= prefix.length
        && Arrays.equals(utf8, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** The only key, or null if it is in a prefix. */
  @Nullable Key key() {
    return key;
  }

  /** The prefix as the index compares it: by its bytes. */
  ByteBuffer prefix() {
    return ByteBuffer.wrap(prefix);
  }
}
