package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.NebulaStoreApplication;
import dev.nebulastore.http.Admission;
import dev.nebulastore.security.TestIssuer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Sends the same bytes to a server with the fast path and to one without it. Both must give the
 * same responses: to valid and malformed requests, several on one connection, split anywhere.
 */
class TwoWaysTests {

  private static final int REQUESTS = Integer.getInteger("two-ways.requests", 1_000);
  private static final int MOST_ON_A_CONNECTION = 6;

  private static final Pattern TAG = Pattern.compile("\r\nETag: (\"[^\"]*\")");
  private static final Pattern DATE = Pattern.compile("\r\nDate: [^\r]*");

  /**
   * The reason for which Tomcat refuses a head, and the path in the problem, depend on how much of
   * the head has arrived. So neither is compared if the connection is closed afterwards.
   */
  private static final Pattern REFUSED_BY_TOMCAT =
      Pattern.compile(
          "(Connection: close\r\n\r\n"
              + "\\{\"type\":\"/problems/invalid-request\",[^}]*?),\"detail\":[^\r"
              + "]*\\z");

  /** The length depends on the reason too: in a response to HEAD it is all that shows it. */
  private static final Pattern LENGTH_OF_400 =
      Pattern.compile("(HTTP/1.1 400 (?:\r\n[^\r]+)*?\r\nContent-Length: )\\d+");

  private static final List<String> KEYS =
      List.of(
          "a", "a%2Fb", "a/b", "%C3%A9", "\u00c3\u00a9", "a;b=c", "+", "a%2520", "..%2Fa", "%61");
  private static final List<String> NO_KEYS =
      List.of("", "%zz", "a%", "..", "a/../b", "%00", "\u00ff", "%C0%AF", "a%7F");
  private static final List<String> QUERIES =
      List.of(
          "",
          "",
          "",
          "?ttl=9m",
          "?ttl=9m",
          "?ttl=none",
          "?ttl=never",
          "?ttl=1s&ttl=2s",
          "?x",
          "?",
          "?ttl=9m&",
          "?add=5",
          "?ttl=9m&add=-5",
          "?add=",
          "?&");
  private static final List<String> METHODS =
      List.of(
          "GET", "GET", "GET", "PUT", "PUT", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "POST",
          "POST");
  private static final List<String> HEADERS =
      List.of(
          "Accept: */*",
          "Accept: ;;, a b",
          "Accept-Language: ??",
          "User-Agent: curl/8.0",
          "Connection: keep-alive",
          "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAQAAP__",
          "If-None-Match: *",
          "If-Match: *",
          "If-Match: nonsense",
          "If-Modified-Since: Sun, 06 Mar 2033 09:08:07 GMT",
          "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
          "Prefer: wait=0",
          "Range: bytes=1-3",
          "Range: bytes=-2",
          "Range: bytes=900-",
          "If-Range: \"none\"",
          "Expect: 200-ok",
          "Transfer-Encoding: gzip",
          "Folded:\r\n header",
          "Origin: http://evil.example",
          "Access-Control-Request-Method: PUT",
          "Content-Encoding: gzip",
          "Content-Range: bytes 0-1/2",
          "Expect: 100-continue",
          "X-HTTP-Method-Override: DELETE",
          "X-Forwarded-For: 10.0.0.1",
          "Cookie: a=b; JSESSIONID=c",
          "X-Unknown: \u00e9");
  private static final int PLAIN_HEADERS = 7;
  private static final List<String> TYPES =
      List.of(
          "text/plain",
          "text/plain; charset=utf-8",
          "multipart/form-data; boundary=x",
          "a",
          ";;",
          "application/x-www-form-urlencoded");
  private static final String WRONG = " \t\r\n:?#%/.,;0123\u0000\u007f\u00e9GHx\"";

  private static final TestTokens TOKENS =
      TestTokens.make()
          .with("all", "roles=read,write")
          .with("reader", "roles=read")
          .with("a", "roles=read,write prefix=a/ prefix=%C3%A9")
          .with("old", "roles=read,write expires=2020-01-01T00:00:00Z");

  private static final TestIssuer ISSUER = TestIssuer.start();
  private static final Instant TOMORROW = SteppedTime.BEGIN.plus(Duration.ofDays(1));

  private static String issued(Map<String, ?> claims) {
    return "Authorization: Bearer " + ISSUER.token(TOMORROW, claims);
  }

  /** Those of a file, valid ones first, and those of an issuer. */
  private static final List<String> AUTHORIZATIONS =
      List.of(
          issued(Map.of()),
          issued(Map.of("scope", "read")),
          issued(Map.of("nebula_prefixes", List.of("a/", "\u00e9"))),
          issued(Map.of("nebula_prefixes", "a/")),
          issued(Map.of("aud", "other")),
          "Authorization: Bearer eyJhbGciOiJub25lIn0.e30.",
          TestTokens.header("all"),
          TestTokens.header("all"),
          TestTokens.header("all").replace("Authorization: Bearer", "authorization:   bearer"),
          TestTokens.header("all"),
          TestTokens.header("all"),
          TestTokens.header("all"),
          TestTokens.header("reader"),
          TestTokens.header("a"),
          TestTokens.header("old"),
          TestTokens.header("nobody"),
          "Authorization: Basic YTpi",
          "Authorization:");

  @AfterAll
  static void stop() {
    ISSUER.close();
  }

  private final Random random = new Random(31);
  private final List<String> tags = new ArrayList<>(List.of("\"none\""));

  private static ConfigurableApplicationContext serve(boolean fastPath, String... security) {
    return new SpringApplicationBuilder(NebulaStoreApplication.class, SteppedTime.Beans.class)
        .run(
            Stream.concat(
                    Stream.of(
                        "--server.address=127.0.0.1",
                        "--server.port=0",
                        "--nebula.storage.engine=memory",
                        "--nebula.expiry.interval=1h",
                        "--nebula.fast-path=" + fastPath),
                    Stream.of(security))
                .toArray(String[]::new));
  }

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private boolean oneIn(int number) {
    return random.nextInt(number) == 0;
  }

  /** A request that may take the fast path, or any other. */
  private String request(boolean plain, boolean withTokens) {
    String method = plain ? any(METHODS.subList(0, 7)) : any(METHODS);
    String query = plain ? (method.equals("PUT") && oneIn(3) ? "?ttl=9m" : "") : any(QUERIES);
    String target = "/kv/" + any(plain || !oneIn(8) ? KEYS : NO_KEYS) + query;
    StringBuilder request =
        new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n");
    for (int i = random.nextInt(3); i > 0; i--) {
      String header = any(plain ? HEADERS.subList(0, PLAIN_HEADERS) : HEADERS);
      request.append(header).append("\r\n");
    }
    if (withTokens && !oneIn(8)) {
      request.append(any(AUTHORIZATIONS)).append("\r\n");
    }
    if (oneIn(4)) {
      request
          .append(oneIn(2) ? "If-Match: " : "If-None-Match: W/")
          .append(any(tags))
          .append("\r\n");
    }
    if (method.startsWith("P") && (plain || !oneIn(6))) {
      if (oneIn(2)) {
        request.append("Content-Type: ").append(any(TYPES)).append("\r\n");
      }
      String body = "v".repeat(random.nextInt(4) * random.nextInt(300));
      if (!plain && oneIn(5)) {
        String chunk = Integer.toHexString(body.length()) + "\r\n" + body + "\r\n";
        request.append("Transfer-Encoding: chunked\r\n\r\n").append(body.isEmpty() ? "" : chunk);
        return request.append("0\r\n\r\n").toString();
      }
      return request
          .append("Content-Length: ")
          .append(body.length())
          .append("\r\n\r\n")
          .append(body)
          .toString();
    }
    return request.append("\r\n").toString();
  }

  /**
   * Several requests. Three quarters are common ones, possibly except for the last, since a
   * connection that was handed to Tomcat stays there. A third contain wrong bytes.
   */
  private String requests(int count, boolean withTokens) {
    StringBuilder all = new StringBuilder();
    boolean plain = !oneIn(4);
    for (int i = 0; i < count; i++) {
      all.append(request(plain && (i < count - 1 || oneIn(2)), withTokens));
    }
    for (int change = oneIn(3) ? 1 + random.nextInt(3) : 0; change > 0; change--) {
      int at = random.nextInt(all.length());
      char c = WRONG.charAt(random.nextInt(WRONG.length()));
      switch (random.nextInt(3)) {
        case 0 -> all.setCharAt(at, c);
        case 1 -> all.insert(at, c);
        default -> all.deleteCharAt(at);
      }
    }
    return all.toString();
  }

  /** Where the bytes are split: nowhere, in some places, or after every byte. */
  private int[] cuts(int length) {
    return switch (random.nextInt(4)) {
      case 0 -> random.ints(random.nextInt(1, 5), 1, length).sorted().distinct().toArray();
      case 1 -> length > 1_500 ? new int[0] : IntStream.range(1, length).toArray();
      default -> new int[0];
    };
  }

  /** All responses to these bytes on their own connection, without dates. */
  private static String answers(ConfigurableApplicationContext server, byte[] bytes, int[] cuts) {
    int port = server.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    try (RawHttp own = new RawHttp(port)) {
      int from = 0;
      for (int cut : cuts) {
        own.send(Arrays.copyOfRange(bytes, from, cut));
        from = cut;
      }
      own.send(Arrays.copyOfRange(bytes, from, bytes.length)).sendEnd();
      return seen(own.rest());
    }
  }

  private static String seen(byte[] answers) {
    String all = DATE.matcher(new String(answers, ISO_8859_1)).replaceAll("\r\nDate: then");
    all = LENGTH_OF_400.matcher(all).replaceAll("$1some");
    return REFUSED_BY_TOMCAT.matcher(all).replaceAll("$1");
  }

  /**
   * Whether one is a prefix of the other. If the server has closed the connection and more bytes
   * arrive, the operating system resets it, and the last response may be lost.
   */
  private static boolean isPart(String one, String other) {
    return one.startsWith(other) || other.startsWith(one);
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "protected", "tokens"})
  void bothWaysAnswerTheSameBytes(String mode) {
    String[] security =
        mode.equals("tokens")
            ? new String[] {
              "--nebula.security.tokens-file=" + TOKENS.file(),
              "--nebula.security.oidc.issuer=" + ISSUER.issuer(),
              "--nebula.security.oidc.audience=" + TestIssuer.AUDIENCE
            }
            : new String[] {"--nebula.security.mode=" + mode};
    try (var fast = serve(true, security);
        var slow = serve(false, security)) {
      compare(fast, slow, mode.equals("tokens"));
    }
  }

  private void compare(
      ConfigurableApplicationContext fast,
      ConfigurableApplicationContext slow,
      boolean withTokens) {
    int lost = 0;
    for (int asked = 0; asked < REQUESTS; ) {
      int count = random.nextInt(1, MOST_ON_A_CONNECTION + 1);
      asked += count;
      byte[] bytes = RawHttp.bytes(requests(count, withTokens));
      int[] cuts = cuts(bytes.length);
      String answer = answers(fast, bytes, cuts);
      String other = answers(slow, bytes, cuts);
      if (cuts.length > 0 && !answer.equals(other) && isPart(answer, other)) {
        lost++;
        continue;
      }
      assertThat(other)
          .as("after %d requests, %s", asked, new String(bytes, ISO_8859_1))
          .isEqualTo(answer);
      Matcher found = TAG.matcher(answer);
      while (found.find()) {
        tags.add(found.group(1));
      }
      if (tags.size() > 20) {
        tags.subList(0, tags.size() - 20).clear();
      }
    }
    assertThat(lost).isLessThan(REQUESTS / 20);
    // A connection stays with Tomcat once a request on it was refused.
    assertThat(fast.getBean(Admission.class).fast())
        .isGreaterThan(REQUESTS / (withTokens ? 40 : 20));
    assertThat(slow.getBean(Admission.class).fast()).isZero();
  }
}
