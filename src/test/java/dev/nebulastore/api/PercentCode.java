package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Locale;

/** Percent-encodes keys for tests, either completely or only where a URI requires it. */
public final class PercentCode {

  private static final String UNRESERVED = "-._~/";

  private PercentCode() {}

  /** Encodes every byte of the key, with hexadecimal digits in upper case. */
  public static String full(String key) {
    StringBuilder path = new StringBuilder();
    for (byte b : key.getBytes(UTF_8)) {
      path.append("%%%02X".formatted(b & 0xff));
    }
    return path.toString();
  }

  /** Encodes every byte of the key, with hexadecimal digits in lower case. */
  static String lower(String key) {
    return full(key).toLowerCase(Locale.ROOT);
  }

  /** Encodes only bytes that are not letters, digits, slashes or other unreserved characters. */
  static String sparse(String key) {
    StringBuilder path = new StringBuilder();
    for (byte b : key.getBytes(UTF_8)) {
      char c = (char) (b & 0xff);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0);
      path.append(plain ? String.valueOf(c) : "%%%02X".formatted(b & 0xff));
    }
    return path.toString();
  }
}
