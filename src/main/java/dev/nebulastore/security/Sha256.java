package dev.nebulastore.security;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The hash by which secrets and keys are known without being shown: SHA-256 (FIPS 180-4).
 *
 * <p>Threads: immutable.
 */
public final class Sha256 {

  private Sha256() {}

  /** The 32 bytes of the hash. */
  public static byte[] of(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
