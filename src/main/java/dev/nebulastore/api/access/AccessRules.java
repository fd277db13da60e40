package dev.nebulastore.api.access;

import dev.nebulastore.security.Role;
import java.util.List;
import java.util.Map;

/**
 * What a path asks of its caller. Paths of commands ask for rights where the command is read, so
 * here they only need a caller. A path that is not listed needs one, too.
 *
 * <p>Threads: immutable.
 */
final class AccessRules {

  /** What is asked of a caller. */
  sealed interface Rule {
    /** Nothing, not even the same machine: probes. */
    record Everybody() implements Rule {}

    /** No token: pages for people. */
    record Page() implements Rule {}

    /** A caller, whose rights are asked later. */
    record Somebody() implements Rule {}

    /** A caller with a role. */
    record With(Role role) implements Rule {}
  }

  private static final List<String> PAGES = List.of("/", "/swagger-ui.html", "/problems");
  private static final List<String> BELOW = List.of("/swagger-ui/", "/problems/");
  private static final List<String> METRICS = List.of("health", "info", "prometheus", "metrics");
  private static final String DESCRIPTION = "/v3/api-docs";

  private final String actuator;
  private final Map<String, Rule> exact;

  /**
   * Creates the rules.
   *
   * @param base the path of the actuator; the root if all paths are its
   */
  AccessRules(String base) {
    this.actuator = base.replaceFirst("/+$", "");
    this.exact =
        Map.of(
            actuator + "/health/liveness",
            new Rule.Everybody(),
            actuator + "/health/readiness",
            new Rule.Everybody(),
            "/livez",
            new Rule.Everybody(),
            "/readyz",
            new Rule.Everybody());
  }

  /** Whether all paths are the actuator's, so that keys would need its roles. */
  boolean coverAll() {
    return actuator.isEmpty();
  }

  Rule of(String path) {
    Rule known = exact.get(path);
    if (known != null) {
      return known;
    }
    if (path.equals(actuator) || path.startsWith(actuator + "/")) {
      return new Rule.With(
          isMetrics(path.substring(actuator.length())) ? Role.METRICS : Role.ADMIN);
    }
    if (path.startsWith(DESCRIPTION)) {
      return new Rule.With(Role.READ);
    }
    return PAGES.contains(path) || BELOW.stream().anyMatch(path::startsWith)
        ? new Rule.Page()
        : new Rule.Somebody();
  }

  private static boolean isMetrics(String endpoint) {
    return endpoint.isEmpty()
        || METRICS.stream()
            .anyMatch(name -> endpoint.equals("/" + name) || endpoint.startsWith("/" + name + "/"));
  }

  /**
   * Whether a path has its canonical form: without escapes, parameters, empty and dot segments.
   * Other forms are not served, so that the rules here, and those of a proxy, hold for each path.
   */
  static boolean isCanonical(String path) {
    return path.startsWith("/")
        && path.chars().noneMatch(c -> c == '%' || c == ';' || c == '\\')
        && !path.contains("//")
        && !(path + "/").contains("/./")
        && !(path + "/").contains("/../");
  }
}
