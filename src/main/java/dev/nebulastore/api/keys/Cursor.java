package dev.nebulastore.api.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encodes the position in a listing as text, and decodes it. A keyed hash binds the text to the
 * parameters of the listing, to its caller and to the store, and everything else is refused. See
 * docs/decisions/0016-a-cursor-is-sealed-with-the-stores-secret.md.
 *
 * <p>Threads: immutable.
 */
final class Cursor {

  /** The version of the encoding: this byte, the position, the hash. */
  private static final byte FORM = 1;

  private static final String HASH = "HmacSHA256";
  private static final int SEAL = 16;

  /** Longer than any cursor. */
  private static final int MAX_LENGTH = 2_048;

  private final SecretKeySpec key;

  private final byte[] caller;

  /**
   * Creates an encoder.
   *
   * @param caller whose cursors it writes and reads; empty where no token is asked for
   */
  Cursor(byte[] secret, String caller) {
    this.key = new SecretKeySpec(secret, HASH);
    this.caller = caller.getBytes(UTF_8);
  }

  /** The cursor of a position in the listing of these parameters. */
  String write(String prefix, String delimiter, byte[] position) {
    ByteBuffer bytes = ByteBuffer.allocate(1 + position.length + SEAL);
    bytes.put(FORM).put(position).put(seal(prefix, delimiter, position));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  /** The position of a cursor; a 400 unless this store wrote it for these parameters. */
  byte[] read(String cursor, String prefix, String delimiter) {
    byte[] bytes = decode(cursor);
    if (bytes.length < 1 + SEAL || bytes[0] != FORM) {
      throw invalid();
    }
    byte[] position = Arrays.copyOfRange(bytes, 1, bytes.length - SEAL);
    byte[] seal = Arrays.copyOfRange(bytes, bytes.length - SEAL, bytes.length);
    if (!MessageDigest.isEqual(seal, seal(prefix, delimiter, position))) {
      throw invalid();
    }
    return position;
  }

  private static byte[] decode(String cursor) {
    if (cursor.length() > MAX_LENGTH) {
      throw invalid();
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(cursor);
      // The decoder ignores some bits of the last character.
      if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(cursor)) {
        throw invalid();
      }
      return bytes;
    } catch (IllegalArgumentException e) {
      throw invalid();
    }
  }

  private byte[] seal(String prefix, String delimiter, byte[] position) {
    byte[] prefixBytes = prefix.getBytes(UTF_8);
    byte[] delimiterBytes = delimiter.getBytes(UTF_8);
    try {
      Mac mac = Mac.getInstance(HASH);
      mac.init(key);
      mac.update(FORM);
      mac.update(lengths(prefixBytes.length, delimiterBytes.length));
      mac.update(prefixBytes);
      mac.update(delimiterBytes);
      if (caller.length > 0) {
        // No position begins like this, since no key contains control characters.
        mac.update(lengths(caller.length, -1));
        mac.update(caller);
      }
      return Arrays.copyOf(mac.doFinal(position), SEAL);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] lengths(int one, int other) {
    return ByteBuffer.allocate(2 * Integer.BYTES).putInt(one).putInt(other).array();
  }

  private static ApiException invalid() {
    return new ApiException(
        Problem.INVALID_CURSOR,
        "The cursor was not issued by this store for this prefix and delimiter.");
  }
}
