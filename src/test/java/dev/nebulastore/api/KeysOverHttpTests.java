package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.error.Problem;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * A key is the path after {@code /kv/}, percent-decoded once, and nothing else. Every spelling of a
 * key names it, and no two keys are the same.
 */
@ServerTest
class KeysOverHttpTests {

  private static final List<Spelling> SPELLINGS =
      List.of(
          // Slashes are bytes of the key, encoded or not, and none is dropped.
          key("a/b", "a/b", "a%2Fb", "a%2fb"),
          plain("a//b"),
          key("/a", "%2Fa", "/a"),
          plain("a/"),
          plain("a//"),
          plain("a///b"),
          key("/", "%2F", "/"),
          key("//", "%2F/", "//"),
          // Sub-delimiters stand for themselves.
          key("a+b", "a+b", "a%2Bb"),
          key("a b", "a%20b"),
          key(" ", "%20"),
          plain(";"),
          plain("a;"),
          plain("a;x=1"),
          plain("a;jsessionid=0123456789ABCDEF"),
          plain("a;x=1/b"),
          plain("a/b;x=1"),
          plain("!$&'()=,"),
          plain("*"),
          plain(":"),
          plain("@"),
          plain("~"),
          plain("-._~"),
          plain("a=b&c=d"),
          key("a?b", "a%3Fb"),
          key("?", "%3f"),
          key("a?ttl=5s", "a%3Fttl=5s"),
          key("a#b", "a%23b"),
          // Characters that clients should encode, but some don't.
          plain("|{}[]^`"),
          plain("\"<>\""),
          key("a\\b", "a\\b", "a%5Cb", "a%5cb"),
          key("..\\a", "..\\a", "..%5Ca"),
          key("\\", "\\", "%5C"),
          // Percent signs are decoded only once.
          key("100%", "100%25"),
          key("100%25", "100%2525"),
          key("a%2Fb", "a%252Fb"),
          key("%2e%2e/a", "%252e%252e/a"),
          key("%", "%25"),
          key("%zz", "%25zz"),
          // Dots that are not dot segments.
          plain("..."),
          plain("..a"),
          plain("a.."),
          plain("a."),
          plain(".hidden"),
          plain("a/.b"),
          plain("a/..b/c"),
          plain("a/b../c"),
          key(".../...", ".../...", "%2e%2E./..."),
          plain(".;"),
          plain("..;"),
          plain(".;/a"),
          plain("..;/a"),
          plain("..;/actuator/health"),
          plain("..;x=1/..;/..;/a"),
          plain("a/..;/b"),
          plain("a/..;x=1/b"),
          key("..;/b", "%2e%2e%3b/b", "..%3B/b"),
          key(". ", ".%20"),
          key(" ..", "%20.."),
          // Paths of other endpoints.
          plain("kv/a"),
          plain("kv"),
          plain("actuator"),
          plain("actuator/health"),
          plain("swagger-ui.html"),
          plain("v3/api-docs"),
          plain("problems/x"),
          plain("WEB-INF/web.xml"),
          plain("favicon.ico"),
          plain("index.html"),
          plain("http://localhost/kv/a"),
          plain("a.json"),
          // Characters beyond ASCII; nothing is folded or normalized.
          key("é", "%C3%A9", "%c3%a9", "%C3%a9"),
          key("e\u0301", "e%CC%81"),
          key("\u212B", "%E2%84%AB"),
          key("\u00C5", "%C3%85"),
          key("\uFB01", "%EF%AC%81"),
          plain("A"),
          plain("a"),
          key("ß", "%C3%9F"),
          key("I\u0307", "I%CC%87"),
          key("😀", "%F0%9F%98%80"),
          key("👩‍🚀/🚀", "%F0%9F%91%A9%E2%80%8D%F0%9F%9A%80/%F0%9F%9A%80"),
          key("\u05E9\u05DC\u05D5\u05DD", "%D7%A9%D7%9C%D7%95%D7%9D"),
          key("\u202Ea", "%E2%80%AEa"),
          key("\u200B", "%E2%80%8B"),
          key("\uFEFFa", "%EF%BB%BFa"),
          key("\u0085", "%C2%85"),
          key("\u00A0", "%C2%A0"),
          key("\u2215", "%E2%88%95"),
          key("\uFF0E\uFF0E/a", "%EF%BC%8E%EF%BC%8E/a"),
          key("\uFFFD", "%EF%BF%BD"),
          key("\uFFFF", "%EF%BF%BF"),
          key("\uDBFF\uDFFF", "%F4%8F%BF%BF"),
          // The maximum length of a key.
          plain("k".repeat(1_024)),
          plain("k".repeat(1_023)),
          plain("a/".repeat(512)),
          key("😀".repeat(256), "%F0%9F%98%80".repeat(256)));

  /** A key, and paths after {@code /kv/} that name it, as raw bytes. */
  record Spelling(String key, List<String> paths) {

    /** The paths of the table, and those with more or fewer bytes of the key percent-encoded. */
    Stream<String> all() {
      return Stream.concat(
              paths.stream(),
              Stream.of(PercentCode.full(key), PercentCode.lower(key), PercentCode.sparse(key)))
          .map(path -> "/kv/" + path);
    }

    String first() {
      return "/kv/" + paths.getFirst();
    }

    String last() {
      return all().toList().getLast();
    }

    @Override
    public String toString() {
      String path = paths.getFirst();
      return path.length() <= 60 ? path : path.substring(0, 60) + "…" + path.length();
    }
  }

  /** A key that is its own path. */
  private static Spelling plain(String key) {
    return new Spelling(key, List.of(key));
  }

  private static Spelling key(String key, String... paths) {
    return new Spelling(key, List.of(paths));
  }

  private final RawHttp http;

  KeysOverHttpTests(@LocalServerPort int port) {
    http = new RawHttp(port);
  }

  @AfterEach
  void hangUp() {
    http.close();
  }

  static List<Spelling> spellings() {
    return SPELLINGS;
  }

  @ParameterizedTest
  @MethodSource("spellings")
  void everySpellingOfAKeyWorks(Spelling spelling) {
    byte[] value = value(spelling);
    http.ask("DELETE", spelling.first());
    spelling.all().forEach(path -> namesAbsent(spelling.key(), path));
    assertThat(http.ask("PUT", spelling.first(), value).status()).isEqualTo(201);
    spelling.all().forEach(path -> holds(path, value));
    byte[] other = (spelling.key() + " again").getBytes(UTF_8);
    assertThat(http.ask("PUT", spelling.last(), other).status()).isEqualTo(204);
    spelling.all().forEach(path -> holds(path, other));
    assertThat(http.ask("PATCH", spelling.first() + "?ttl=1d").status()).isEqualTo(204);
    assertThat(http.ask("OPTIONS", spelling.first()).status()).isEqualTo(204);
    assertThat(http.ask("DELETE", spelling.last()).status()).isEqualTo(204);
    spelling.all().forEach(path -> namesAbsent(spelling.key(), path));
  }

  @Test
  void differentKeysAreDifferentEntries() {
    for (Spelling spelling : SPELLINGS) {
      http.ask("DELETE", spelling.first());
    }
    Map<Spelling, String> etags = new LinkedHashMap<>();
    for (Spelling spelling : SPELLINGS) {
      Response created = http.ask("PUT", spelling.first(), value(spelling));
      assertThat(created.status()).as("%s is new", spelling).isEqualTo(201);
      etags.put(spelling, created.etag());
    }
    etags.forEach((spelling, etag) -> {
      Response found = http.ask("GET", spelling.last());
      assertThat(found.body()).as("value of %s", spelling).isEqualTo(value(spelling));
      assertThat(found.etag()).as("ETag of %s", spelling).isEqualTo(etag);
    });
  }

  @Test
  void tableHasEnoughDistinctKeys() {
    assertThat(SPELLINGS).extracting(Spelling::key).doesNotHaveDuplicates().hasSizeGreaterThan(60);
    var paths = new HashSet<String>();
    assertThat(SPELLINGS.stream().flatMap(spelling -> spelling.all().distinct()))
        .allMatch(paths::add);
  }

  private static byte[] value(Spelling spelling) {
    return ("value of " + spelling.key()).getBytes(UTF_8);
  }

  private void namesAbsent(String key, String path) {
    Response absent = http.ask("GET", path);
    String named = ProblemJson.of(absent, 404, Problem.KEY_NOT_FOUND).member("key");
    assertThat(named).as("key that %s names", path).isEqualTo(key);
  }

  private void holds(String path, byte[] value) {
    Response found = http.ask("GET", path);
    assertThat(found.status()).as("status of %s", path).isEqualTo(200);
    assertThat(found.body()).as("value of %s", path).isEqualTo(value);
    Response head = http.ask("HEAD", path);
    assertThat(head.status()).as("status of HEAD %s", path).isEqualTo(200);
    assertThat(head.header("Content-Length")).hasValue("" + value.length);
    assertThat(head.etag()).isEqualTo(found.etag());
  }
}
