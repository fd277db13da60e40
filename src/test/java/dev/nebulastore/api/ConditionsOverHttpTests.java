package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/** The effect of conditions with every method, in the order of RFC 9110, section 13.2.2. */
@ServerTest
class ConditionsOverHttpTests {

  private static final String KEY = "/kv/conditions/a%20key";

  private final int port;
  private final RawHttp http;
  private final SteppedTime time;

  ConditionsOverHttpTests(@LocalServerPort int port, SteppedTime time) {
    this.port = port;
    this.http = new RawHttp(port);
    this.time = time;
  }

  @AfterEach
  void hangUp() {
    http.ask("DELETE", KEY);
    http.close();
  }

  /** The history of an entry before the request of a row, with its entity tags and dates. */
  private record Past(String old, String last, ZonedDateTime modified) {

    /** Replaces the placeholders in braces by entity tags and dates. */
    String[] headers(String conditions) {
      String raw = last.substring(1, last.length() - 1);
      String filled =
          conditions
              .replace("{e}", last)
              .replace("{old}", old)
              .replace("{E}", last.toUpperCase(Locale.ROOT))
              .replace("{0e}", "\"0" + raw + "\"")
              .replace("{date}", imf(modified))
              .replace("{date850}", date("EEEE, dd-MMM-yy HH:mm:ss 'GMT'"))
              .replace("{dateC}", date("EEE MMM ppd HH:mm:ss yyyy"))
              .replace("{before}", imf(modified.minusSeconds(1)))
              .replace("{after}", imf(modified.plusSeconds(1)));
      return filled.isEmpty() ? new String[0] : filled.split(" & ");
    }

    private String date(String pattern) {
      return DateTimeFormatter.ofPattern(pattern, Locale.ROOT).format(modified);
    }

    private static String imf(ZonedDateTime date) {
      return DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .format(date);
    }
  }

  @ParameterizedTest(name = "{1} {0}, {2}: {3}")
  @CsvFileSource(
      resources = "conditions.csv",
      delimiter = '|',
      quoteCharacter = '~',
      nullValues = "-")
  void followsTheTable(String state, String method, String conditions, int status) {
    Past past = past(state);
    boolean stood = state.equals("stands");
    String target = method.equals("PATCH") ? KEY + "?ttl=1h" : KEY;
    String[] headers = past.headers(conditions.equals("none") ? "" : conditions);
    Response answer =
        method.equals("PUT")
            ? http.ask(method, target, RawHttp.bytes("new"), headers)
            : http.ask(method, target, headers);
    assertThat(answer.status()).as("%s", answer).isEqualTo(status);
    Response now = http.ask("GET", KEY);
    switch (status) {
      case 412 -> {
        assertThat(answer.header("ETag").orElse("")).isEqualTo(stood ? past.last() : "");
        if (!method.equals("HEAD")) {
          ProblemJson problem = ProblemJson.of(answer, 412, Problem.PRECONDITION_FAILED);
          assertThat(problem.member("currentEtag")).isEqualTo(stood ? past.last() : "");
          assertThat(problem.member("detail").contains(" as W/" + past.last() + ", a weak tag"))
              .as(problem.member("detail"))
              .isEqualTo(stood && conditions.contains("If-Match: W/{e}"));
        }
      }
      case 304 -> {
        assertThat(answer.etag()).isEqualTo(past.last());
        assertThat(answer.header("Cache-Control")).hasValue("no-cache");
        assertThat(answer.header("Content-Type")).isEmpty();
      }
      default -> {}
    }
    boolean writes = status < 300 && List.of("PUT", "PATCH", "DELETE").contains(method);
    if (!writes) {
      assertThat(now.header("ETag").orElse("")).isEqualTo(stood ? past.last() : "");
    } else if (method.equals("DELETE")) {
      assertThat(now.status()).isEqualTo(404);
    } else {
      assertThat(now.etag()).isEqualTo(answer.etag()).isNotEqualTo(past.last());
      assertThat(now.text()).isEqualTo(method.equals("PUT") ? "new" : "current");
    }
  }

  private Past past(String state) {
    String old = http.ask("PUT", KEY, RawHttp.bytes("old")).etag();
    time.advance(Duration.ofSeconds(10));
    String query = state.equals("expired") ? "?ttl=1s" : "";
    String last = http.ask("PUT", KEY + query, RawHttp.bytes("current")).etag();
    ZonedDateTime modified = time.instant().atZone(ZoneOffset.UTC);
    switch (state) {
      case "stands" -> {}
      case "deleted" -> http.ask("DELETE", KEY);
      case "expired" -> time.advance(Duration.ofSeconds(1));
      default -> throw new IllegalArgumentException(state);
    }
    return new Past(old, last, modified);
  }

  @Test
  void concurrentUpdatesAreNotLost() throws InterruptedException, ExecutionException {
    int writers = 8;
    int rounds = 25;
    http.ask("PUT", KEY, RawHttp.bytes("0"));
    List<Future<?>> running = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < writers; i++) {
        running.add(threads.submit(() -> increment(rounds)));
      }
    }
    for (Future<?> writer : running) {
      writer.get();
    }
    assertThat(http.ask("GET", KEY).text()).isEqualTo("" + writers * rounds);
  }

  private void increment(int times) {
    try (RawHttp own = new RawHttp(port)) {
      int done = 0;
      for (int tries = 0; done < times && tries < 10_000; tries++) {
        Response found = own.ask("GET", KEY);
        byte[] next = Integer.toString(Integer.parseInt(found.text()) + 1).getBytes(UTF_8);
        Response written = own.ask("PUT", KEY, next, "If-Match: " + found.etag());
        assertThat(written.status()).isIn(204, 412);
        done += written.status() == 204 ? 1 : 0;
      }
      assertThat(done).isEqualTo(times);
    }
  }
}
