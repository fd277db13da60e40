package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.RawHttp.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Keys that a bad request could hit by mistake, if its path were decoded twice, normalised, cut or
 * shifted. They are written once; a test then looks that each is as it was, and that there are no
 * more entries than before.
 *
 * <p>Threads: confined to a test.
 */
final class Sentinels {

  private static final Pattern ENTRIES = Pattern.compile("\"entries\":(\\d+)");

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
          "http://x/kv/a",
          "*",
          "?",
          "a?x=1",
          "a?ttl=5",
          "k".repeat(1_024));

  private final RawHttp http;
  private final Map<String, String> etags = new LinkedHashMap<>();
  private final long entries;

  /** Writes all of them. */
  Sentinels(RawHttp http) {
    this.http = http;
    for (String key : KEYS) {
      etags.put(key, http.ask("PUT", path(key), key.getBytes(UTF_8)).etag());
    }
    entries = entries();
  }

  /** Fails if one was read for another, changed or removed, or if there is a new entry. */
  void areUntouched() {
    etags.forEach((key, etag) -> {
      Response found = http.ask("GET", path(key));
      assertThat(found.status()).as("status of the sentinel %s", key).isEqualTo(200);
      assertThat(found.text()).as("value of the sentinel %s", key).isEqualTo(key);
      assertThat(found.etag()).as("ETag of the sentinel %s", key).isEqualTo(etag);
    });
    assertThat(entries()).as("entries in all shards").isEqualTo(entries);
  }

  private long entries() {
    String shards = http.ask("GET", "/actuator/shards").text();
    long sum = ENTRIES.matcher(shards).results().mapToLong(r -> Long.parseLong(r.group(1))).sum();
    assertThat(sum).as("entries of %s", shards).isGreaterThanOrEqualTo(KEYS.size());
    return sum;
  }

  private static String path(String key) {
    return "/kv/" + PercentCode.full(key);
  }
}
