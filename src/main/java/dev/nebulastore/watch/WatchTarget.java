package dev.nebulastore.watch;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.Key;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a subscription watches: one key, or all keys with a prefix.
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

  /** Only this key. */
  public static WatchTarget inKey(Key key) {
    return new WatchTarget(key, key.utf8());
  }

  /** All keys with this prefix, which need not be a key itself. Every key has the empty prefix. */
  public static WatchTarget inPrefix(String prefix) {
    byte[] utf8 = prefix.getBytes(UTF_8);
    if (!prefix.equals(new String(utf8, UTF_8))) {
      throw new IllegalArgumentException("A prefix holds no half of a surrogate pair");
    }
    return new WatchTarget(null, utf8);
  }

  /** Whether it includes this key. */
  boolean matches(Key changed) {
    if (key != null) {
      return key.equals(changed);
    }
    byte[] utf8 = changed.utf8();
    return utf8.length >= prefix.length
        && Arrays.equals(utf8, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** The only key; null if it is a prefix. */
  @Nullable Key key() {
    return key;
  }

  /** The bytes of the prefix, for the index. */
  ByteBuffer prefix() {
    return ByteBuffer.wrap(prefix);
  }
}
