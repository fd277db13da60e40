package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Keys that a bad request could hit by mistake if its path were decoded twice, normalized,
 * truncated or shifted. They are written once. A test then checks that each is unchanged and that
 * there are no new entries.
 */
final class Sentinels {

  private static final Pattern ENTRIES = Pattern.compile("(?m)^nebula_entries\\{.*} (\\d+)");

  private static final List<String> KEYS =
      List.of(
          "a",
          "b",
          "a/b",
          "/a",
          "kv",
          "kv/a",
          "kv/b",
          "v/a",
          "x/abc",
          "abc",
          "x",
          "m",
          "%",
          "%zz",
          "a b",
          "é",
          "A",
          "\uFFFD",
          "a\uFFFD",
          "/",
          "actuator/health",
          "health",
          "ctuator/health",
          "..a",
          "...",
          "a\\b",
          "http://localhost/kv/a",
          "*",
          "?",
          "a?x=1",
          "a?ttl=5",
          "k".repeat(1_024));

  private final RawHttp http;
  private Map<String, String> known;

  /** Writes all of them. */
  Sentinels(RawHttp http) {
    this.http = http;
    for (String key : KEYS) {
      http.ask("PUT", path(key), key.getBytes(UTF_8));
    }
    known = state();
    assertThat(KEYS).allMatch(key -> known.getOrDefault(key, "").matches("200 \"\\w+\" .+"));
    assertThat(KEYS).allMatch(key -> known.getOrDefault(key, "").endsWith(" " + key));
  }

  /** Fails if one was read instead of another, changed or removed, or if there is a new entry. */
  void areUntouched() {
    Map<String, String> before = known;
    known = state();
    assertThat(known).isEqualTo(before);
  }

  /** The state of each of them, and the number of entries. */
  private Map<String, String> state() {
    Map<String, String> state = new LinkedHashMap<>();
    for (String key : KEYS) {
      Response found = http.ask("GET", path(key));
      state.put(key, found.status() + " " + found.header("ETag").orElse("") + " " + found.text());
    }
    String scrape = http.ask("GET", "/actuator/prometheus").text();
    long entries =
        ENTRIES.matcher(scrape).results().mapToLong(r -> Long.parseLong(r.group(1))).sum();
    assertThat(entries).as("number of entries").isGreaterThanOrEqualTo(KEYS.size());
    state.put("entries in all", Long.toString(entries));
    return state;
  }

  private static String path(String key) {
    return "/kv/" + PercentCode.full(key);
  }
}
