package dev.nebulastore.audit;

import dev.nebulastore.security.Sha256;
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
    return HexFormat.of().formatHex(Sha256.of(utf8));
  }
}
