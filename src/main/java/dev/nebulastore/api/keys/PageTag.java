package dev.nebulastore.api.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.api.codec.ClientTime;
import dev.nebulastore.api.codec.Etag;
import dev.nebulastore.api.keys.Listing.Group;
import dev.nebulastore.api.keys.Listing.Item;
import dev.nebulastore.api.keys.Listing.Listed;
import dev.nebulastore.api.keys.Listing.Read;
import dev.nebulastore.kv.EntryMetadata;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Revision;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;

/**
 * The entity tag of a page: a hash of its keys with their versions and expiries, its prefixes, its
 * cursor and the secret of the store. It is weak, since it does not depend on how the page is
 * written. It has the form of an entry's tag, so that conditions are parsed in one place.
 *
 * @param number the hash, as if it were a revision
 */
record PageTag(Revision number) {

  private static final byte KEY = 1;
  private static final byte GROUP = 2;
  private static final byte CURSOR = 3;

  /** Computes the tag of a page. */
  static PageTag of(Page page, @Nullable String cursor, byte[] secret, ClientTime time) {
    MessageDigest hash = sha256();
    hash.update(secret);
    for (Item item : page.items()) {
      switch (item) {
        case Listed(EntryMetadata summary) -> entry(hash, summary, time);
        case Read read -> entry(hash, read.summary(), time);
        case Group(String prefix) -> part(hash, GROUP, prefix.getBytes(UTF_8));
      }
    }
    if (cursor != null) {
      part(hash, CURSOR, cursor.getBytes(UTF_8));
    }
    long number = ByteBuffer.wrap(hash.digest()).getLong() & Long.MAX_VALUE;
    return new PageTag(new Revision(Math.max(1, number)));
  }

  /** The value of the header. */
  String header() {
    return "W/" + Etag.of(number);
  }

  /** Whether {@code If-None-Match} has this tag; a 400 if it is malformed. */
  boolean isIn(Enumeration<String> ifNoneMatch) {
    return switch (Etag.parse("If-None-Match", ifNoneMatch, true)) {
      case null -> false;
      case Versions.Any _ -> true;
      case Versions.OneOf known -> known.revisions().contains(number);
    };
  }

  private static void entry(MessageDigest hash, EntryMetadata entry, ClientTime time) {
    part(hash, KEY, entry.key().utf8());
    Instant expires = entry.expires();
    long until = expires == null ? 0 : time.expires(expires).toEpochMilli();
    hash.update(
        ByteBuffer.allocate(2 * Long.BYTES)
            .putLong(entry.revision().number())
            .putLong(until)
            .flip());
  }

  private static void part(MessageDigest hash, byte kind, byte[] bytes) {
    hash.update(ByteBuffer.allocate(1 + Integer.BYTES).put(kind).putInt(bytes.length).flip());
    hash.update(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
