package dev.nebulastore.security;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a caller may do. Roles do not include each other. */
public enum Role {
  /** Read entries, list keys and watch changes. */
  READ,
  /** Write and delete entries. */
  WRITE,
  /** Read metrics, the details of health, and information about the build. */
  METRICS,
  /** Use the rest of the actuator: shards, ring, backups, resize. */
  ADMIN;

  /** The name in files, settings and messages. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The role with this name, in lower case. */
  public static Optional<Role> of(String text) {
    return Arrays.stream(values()).filter(role -> role.text().equals(text)).findFirst();
  }
}
