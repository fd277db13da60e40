package dev.nebulastore.audit;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What the audit log shows of a key: the SHA-256 of its bytes, in hexadecimal digits. Who knows a
 * key finds its lines.
 *
 * <p>Threads: immutable.
 */
public final class KeyHash {

  private KeyHash() {}

  /** The hash of a key, or of a prefix. */
  public static String of(byte[] utf8) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(utf8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Each JVM has SHA-256", e);
    }
  }
}
