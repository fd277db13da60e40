package dev.nebulastore.security;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The names by which a protected server may be called: localhost, 127.0.0.0/8, [::1], and those of
 * the settings. A request without a Host header, which only HTTP/1.0 allows, comes from no browser.
 *
 * <p>Threads: safe for all.
 */
final class HostNames {

  private static final Set<String> LOCAL = Set.of("localhost", "[::1]", "[0:0:0:0:0:0:0:1]");

  private final Set<String> others;

  /** Most requests name the same host. */
  private volatile @Nullable String lastAllowed;

  HostNames(List<String> others) {
    this.others =
        others.stream()
            .map(name -> name.strip().toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  boolean allow(@Nullable String host) {
    if (host == null || host.equals(lastAllowed)) {
      return true;
    }
    String name = withoutPort(host).toLowerCase(Locale.ROOT);
    boolean allowed = LOCAL.contains(name) || isLoopback(name) || others.contains(name);
    if (allowed) {
      lastAllowed = host;
    }
    return allowed;
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    return colon >= 0 && colon > host.indexOf(']') ? host.substring(0, colon) : host;
  }

  /** Four decimal numbers of which the first is 127: not the name 127.evil.example. */
  private static boolean isLoopback(String name) {
    String[] parts = name.split("\\.", -1);
    if (parts.length != 4 || !parts[0].equals("127")) {
      return false;
    }
    for (String part : parts) {
      if (part.isEmpty()
          || part.length() > 3
          || !part.chars().allMatch(c -> c >= '0' && c <= '9')) {
        return false;
      }
    }
    return true;
  }
}
