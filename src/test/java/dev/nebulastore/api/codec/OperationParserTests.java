package dev.nebulastore.api.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.InvalidKey;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

class OperationParserTests {

  private static final Key A = Key.of("a");
  private static final int MAX = 1_000;
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00.500Z");

  private final OperationParser operations = operations(false);

  static OperationParser operations(boolean guarded) {
    return new OperationParser(
        new RequestLimits(DataSize.ofBytes(MAX), DataSize.ofMegabytes(1), 128, guarded),
        InstantSource.fixed(NOW));
  }

  private Command read(String json) {
    byte[] bytes = json.getBytes(UTF_8);
    return operations.read(bytes, 0, bytes.length);
  }

  private ApiException refused(String json) {
    return catchThrowableOfType(ApiException.class, () -> read(json));
  }

  private static Command.Put put(byte[] bytes, String type) {
    return new Command.Put(A, Precondition.NONE, new Value(bytes, type), null, false);
  }

  @Test
  void valuesHaveADefaultContentType() {
    assertThat(read("{\"op\":\"put\",\"key\":\"a\",\"value\":\"é\"}"))
        .isEqualTo(put("é".getBytes(UTF_8), "text/plain;charset=utf-8"));
    assertThat(read("{\"op\":\"put\",\"key\":\"a\",\"base64\":\"AP8=\"}"))
        .isEqualTo(put(new byte[] {0, -1}, "application/octet-stream"));
    assertThat(read("{\"op\":\"put\",\"key\":\"a\",\"value\":\"1\",\"contentType\":\"a/b; c=d\"}"))
        .isEqualTo(put(new byte[] {'1'}, "a/b; c=d"));
    assertThat(read("{\"op\":\"put\",\"key\":\"a\",\"base64\":\"\",\"contentType\":\"a/b\"}"))
        .isEqualTo(put(new byte[0], "a/b"));
  }

  @Test
  void conditionsAreThoseOfTheHeaders() {
    assertThat(read("{\"op\":\"get\",\"key\":\"a\",\"ifNoneMatch\":\"\\\"a1\\\", W/\\\"a2\\\"\"}"))
        .isEqualTo(
            new Command.Get(
                A,
                new Precondition(
                    null,
                    new Versions.OneOf(Set.of(new Revision(361), new Revision(362))),
                    null,
                    null)));
    assertThat(read("{\"op\":\"delete\",\"key\":\"a\",\"ifMatch\":\"*\"}"))
        .isEqualTo(new Command.Delete(A, new Precondition(Versions.Any.ANY, null, null, null)));
  }

  @Test
  void additionsAndTouchesAreRead() {
    Precondition any = new Precondition(Versions.Any.ANY, null, null, null);
    assertThat(read("{\"op\":\"add\",\"key\":\"a\",\"add\":-5}"))
        .isEqualTo(new Command.Add(A, Precondition.NONE, -5, null));
    assertThat(read("{\"add\":0,\"ttl\":9,\"ifMatch\":\"*\",\"op\":\"add\",\"key\":\"a\"}"))
        .isEqualTo(new Command.Add(A, any, 0, Duration.ofSeconds(9)));
    assertThat(read("{\"op\":\"add\",\"key\":\"a\",\"add\":9223372036854775807}"))
        .isEqualTo(new Command.Add(A, Precondition.NONE, Long.MAX_VALUE, null));
    assertThat(read("{\"ttl\":\"none\",\"op\":\"touch\",\"key\":\"a\",\"ifMatch\":\"*\"}"))
        .isEqualTo(new Command.Touch(A, any, null));
    assertThat(read("{\"op\":\"touch\",\"key\":\"a\",\"ttl\":\"1h\"}"))
        .isEqualTo(new Command.Touch(A, Precondition.NONE, Duration.ofHours(1)));
  }

  @ParameterizedTest
  @CsvSource({"'\"90s\"',90", "'\"PT2M\"',120", "'\"7\"',7", "8,8"})
  void ttlIsAsInTheQueryOrANumberOfSeconds(String ttl, long seconds) {
    Command command =
        read("{\"op\":\"put\",\"key\":\"a\",\"value\":\"\",\"ttl\":%s}".formatted(ttl));
    assertThat(((Command.Put) command).ttl()).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void overwritesAreGuardedIfConfigured() {
    byte[] json = "{\"op\":\"put\",\"key\":\"a\",\"value\":\"\"}".getBytes(UTF_8);
    OperationParser guarding = operations(true);
    assertThat(((Command.Put) guarding.read(json, 0, json.length)).guarded()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{",
        "[]",
        "null",
        "\"put\"",
        "{}",
        "{\"op\":\"put\"}",
        "{\"key\":\"a\"}",
        "{\"op\":1,\"key\":\"a\"}",
        "{\"op\":null,\"key\":\"a\"}",
        "{\"op\":\"get\",\"key\":[\"a\"]}",
        "{\"op\":\"GET\",\"key\":\"a\"}",
        "{\"op\":\"touch\",\"key\":\"a\"}",
        "{\"op\":\"touch\",\"key\":\"a\",\"ttl\":\"1h\",\"value\":\"b\"}",
        "{\"op\":\"touch\",\"key\":\"a\",\"ttl\":\"1h\",\"add\":1}",
        "{\"add\":1,\"op\":\"put\",\"key\":\"a\",\"value\":\"b\"}",
        "{\"ttl\":\"1h\",\"op\":\"get\",\"key\":\"a\"}",
        "{\"op\":\"add\",\"key\":\"a\"}",
        "{\"op\":\"add\",\"key\":\"a\",\"add\":\"1\"}",
        "{\"op\":\"add\",\"key\":\"a\",\"add\":1.0}",
        "{\"op\":\"add\",\"key\":\"a\",\"add\":1e3}",
        "{\"op\":\"add\",\"key\":\"a\",\"add\":null}",
        "{\"op\":\"add\",\"key\":\"a\",\"add\":9223372036854775808}",
        "{\"op\":\"add\",\"key\":\"a\",\"add\":1,\"value\":\"b\"}",
        "{\"op\":\"get\",\"key\":\"a\",\"key\":\"a\"}",
        "{\"op\":\"get\",\"key\":\"a\"} {\"op\":\"get\",\"key\":\"a\"}",
        "{\"op\":\"get\",\"key\":\"a\"},",
        "{'op':'get','key':'a'}",
        "{\"op\":\"get\",\"key\":\"a\",}",
        "{\"op\":\"get\",\"key\":\"a\",\"value\":\"b\"}",
        "{\"op\":\"delete\",\"key\":\"a\",\"ttl\":\"1s\"}",
        "{\"op\":\"put\",\"key\":\"a\"}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"b\",\"base64\":\"\"}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":null}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":1}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":{\"b\":1}}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"\\ud800\"}",
        "{\"op\":\"put\",\"key\":\"a\",\"base64\":\"?\"}",
        "{\"op\":\"put\",\"key\":\"a\",\"base64\":\"AP8\\n=\"}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"b\",\"tll\":\"1s\"}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"b\",\"ttl\":1.5}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"b\",\"ttl\":true}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"b\",\"ifMatch\":[\"*\"]}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"b\",\"contentType\":\"\"}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"b\",\"contentType\":\" a/b\"}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"b\",\"contentType\":\"a/b\\r\\nX: y\"}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"b\",\"contentType\":\"a/b\\t\"}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"b\",\"contentType\":\"\\u007f\"}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"b\",\"contentType\":\"\\udc00\"}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"b\",\"expires\":1}",
        "{\"op\":\"get\",\"key\":\"a\",\"expires\":\"2026-11-22T10:00:00Z\"}",
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"\",\"ttl\":5,\"expires\":\"2027-01-01T00:00:00Z\"}",
      })
  void malformedOperationsAreRefused(String json) {
    assertThat(refused(json).problem()).as(json).isEqualTo(Problem.INVALID_JSON);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{ | The JSON ends before its object does.",
        "{\"op\":\"ge | The JSON ends before its object does.",
        "{\"op\":\"get\",\"key\":\"a\",\"key\":\"a\"} | A member is given twice at character",
        "{\"op\":\"get\",\"key\":nan} | The JSON is malformed at character",
        "{\"op\":\"get\",\"key\":NaN} | The JSON is malformed at character",
        "{\"op\":\"get\",\"key\":+1} | The JSON is malformed at character",
        "{'op':'get'} | The JSON is malformed at character 2.",
        "{\"op\":\"get\",\"key\":\"a\"} x | The JSON is malformed at character",
        "{\"op\":\"get\",\"key\":\"a\"} {} | The JSON object is followed by more text.",
      })
  void messagesAreNotThoseOfTheParser(String json, String message) {
    assertThat(refused(json)).hasMessageStartingWith(message).hasMessageMatching("[^`_(]*[.]");
  }

  @Test
  void placeOfAnErrorIsItsLineAndCharacter() {
    assertThat(refused("{\"op\":\"get\",\n  \"key\" \"a\"}"))
        .hasMessage("The JSON is malformed in line 2, at character 9.");
  }

  @Test
  void longStringsAndNumbersAreNamed() {
    for (String value : new String[] {"1".repeat(2_000), "\"" + "a".repeat(80_000) + "\""}) {
      assertThat(refused("{\"op\":\"put\",\"key\":\"a\",\"ttl\":" + value + "}"))
          .hasMessageStartingWith(
              "The JSON is nested too deeply, or one of its strings or numbers");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"0s\"", "0", "-1", "99999999999", "\"soon\"", "\"none\""})
  void malformedTtlIsRefusedWithTheKey(String ttl) {
    ApiException refused =
        refused("{\"op\":\"put\",\"key\":\"a\",\"value\":\"\",\"ttl\":%s}".formatted(ttl));
    assertThat(refused.problem()).isEqualTo(Problem.INVALID_TTL);
    assertThat(refused.key()).isEqualTo(A);
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-22T10:00:01.5Z,PT1S",
    "2026-11-22T12:00:01.5999+02:00,PT1.099S",
    "2026-11-23t10:00:00.5z,PT24H",
    "2036-11-19T10:00:00.5Z,PT87600H"
  })
  void expiresIsATime(String time, Duration ttl) {
    Command command =
        read("{\"op\":\"put\",\"key\":\"a\",\"value\":\"\",\"expires\":\"%s\"}".formatted(time));
    assertThat(((Command.Put) command).ttl()).isEqualTo(ttl);
  }

  /** As if the entry had expired since it was dumped. */
  @ParameterizedTest
  @ValueSource(
      strings = {"2026-11-22T10:00:01.499Z", "2026-11-22T10:00:00.5Z", "0000-01-01T00:00:00Z"})
  void whatHasExpiredIsDeleted(String time) {
    String json =
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"\",\"ifMatch\":\"*\",\"expires\":\"%s\"}"
            .formatted(time);
    Precondition exists = new Precondition(Versions.Any.ANY, null, null, null);
    assertThat(read(json)).isEqualTo(new Command.Delete(A, exists));
    byte[] free = json.replace(",\"ifMatch\":\"*\"", "").getBytes(UTF_8);
    assertThat(operations.read(free, 0, free.length))
        .isEqualTo(new Command.Delete(A, Precondition.NONE));
    Precondition absent = new Precondition(null, Versions.Any.ANY, null, null);
    assertThat(operations(true).read(free, 0, free.length))
        .as("a write that needs a condition overwrites nothing without one")
        .isEqualTo(new Command.Delete(A, absent));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "soon",
        "2026-11-22",
        "2026-11-22T10:00:00",
        "2026-13-22T10:00:00Z",
        "+2026-11-22T10:00:00Z",
        "-2026-11-22T10:00:00Z",
        "+10000-01-01T00:00:00Z",
        "2036-11-19T10:00:00.501Z",
        "9999-12-31T23:59:59Z"
      })
  void malformedExpiresIsRefusedWithTheKey(String time) {
    ApiException refused =
        refused("{\"op\":\"put\",\"key\":\"a\",\"value\":\"\",\"expires\":\"%s\"}".formatted(time));
    assertThat(refused.problem()).isEqualTo(Problem.INVALID_TTL);
    assertThat(refused.key()).isEqualTo(A);
  }

  /** As listings show it. */
  @Test
  void otherLettersOfAMediaTypeAreUtf8() {
    String json = "{\"op\":\"put\",\"key\":\"a\",\"value\":\"\",\"contentType\":\"a/b;\\tc=é名\"}";
    assertThat(read(json))
        .isEqualTo(put(new byte[0], new String("a/b;\tc=é名".getBytes(UTF_8), ISO_8859_1)));
  }

  @Test
  void malformedConditionsAreRefused() {
    assertThat(refused("{\"op\":\"get\",\"key\":\"a\",\"ifMatch\":\"a1\"}").problem())
        .isEqualTo(Problem.INVALID_CONDITION);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/../b", "\\u0000", "\\ud800"})
  void invalidKeysAreRefused(String key) {
    assertThatThrownBy(() -> read("{\"op\":\"get\",\"key\":\"%s\"}".formatted(key)))
        .isInstanceOf(InvalidKey.class);
  }

  /** It is refused before the rest is parsed, which is not valid JSON. */
  @ParameterizedTest
  @CsvSource({
    "'{\"op\":\"get\",\"key\":\"a\",\"x\":[{},{},', 'There is no member \"x\" in a get.'",
    "'{\"x\":[{},{},', 'There is no member \"x\" in an operation.'",
    "'{\"op\":\"add\",\"value\":[{},{},', 'There is no member \"value\" in an add.'",
    "'{\"op\":\"put\",\"add\":[{},{},', 'There is no member \"add\" in a put.'",
    "'{\"op\":\"delete\",\"ttl\":[{},{},', 'There is no member \"ttl\" in a delete.'",
    "'{\"op\":\"get\",\"value\":[{},{},', 'There is no member \"value\" in a get.'",
    "'{\"op\":\"put\",\"value\":[{},{},', 'The member \"value\" must be a string.'",
    "'[{},{},', 'An operation must be a JSON object.'",
  })
  void unknownMembersAreRefusedByName(String json, String message) {
    assertThat(refused(json)).hasMessage(message);
  }

  @Test
  void membersMayComeInAnyOrder() {
    assertThat(read("{\"value\":\"é\",\"key\":\"a\",\"op\":\"put\"}"))
        .isEqualTo(put("é".getBytes(UTF_8), "text/plain;charset=utf-8"));
    assertThat(refused("{\"value\":\"1\",\"key\":\"a\",\"op\":\"get\"}"))
        .hasMessage("There is no member \"value\" in a get.");
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    byte[] bytes = "{\"op\":\"get\",\"key\":\"?\"}".getBytes(UTF_8);
    for (byte bad : new byte[] {(byte) 0xff, (byte) 0xc0, (byte) 0xe9}) {
      bytes[18] = bad;
      assertThatThrownBy(() -> operations.read(bytes, 0, bytes.length))
          .isInstanceOf(ApiException.class)
          .hasMessage("This is not UTF-8.");
    }
  }

  @Test
  void largestValueFitsInAnySpelling() {
    String spelled = "\\u0041".repeat(MAX);
    String json = "{\"op\":\"put\",\"key\":\"a\",\"value\":\"%s\"}".formatted(spelled);
    assertThat(json.length()).isLessThan(operations.maxLength());
    assertThat(((Command.Put) read(json)).value().size()).isEqualTo(MAX);
    assertThat(refused(json.replace("A", "Ab").replace("\\u0041\"", "\\u0041b\"")).problem())
        .isEqualTo(Problem.VALUE_TOO_LARGE);
    String wide = "{\"op\":\"put\",\"key\":\"a\",\"value\":\"%s\"}".formatted("é".repeat(501));
    assertThat(refused(wide).problem()).isEqualTo(Problem.VALUE_TOO_LARGE);
  }

  @Test
  void base64IsMeasuredByItsBytes() {
    for (int size : new int[] {MAX - 1, MAX, MAX + 1, MAX + 2, 2 * MAX}) {
      String base64 = java.util.Base64.getEncoder().encodeToString(new byte[size]);
      String json = "{\"op\":\"put\",\"key\":\"a\",\"base64\":\"%s\"}".formatted(base64);
      if (size <= MAX) {
        assertThat(((Command.Put) read(json)).value().size()).isEqualTo(size);
      } else {
        assertThat(refused(json).problem()).isEqualTo(Problem.VALUE_TOO_LARGE);
      }
    }
  }

  @Test
  void anyInputIsACommandOrIsRefused() {
    long seed = 20_261_122;
    Random random = new Random(seed);
    String good =
        "{\"op\":\"put\",\"key\":\"a\",\"value\":\"\\u00e9\",\"ttl\":5,\"ifMatch\":\"\\\"x\\\"\"}";
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = good.getBytes(UTF_8);
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(operations.read(bytes, 0, bytes.length)).isNotNull();
      } catch (ApiException | InvalidKey e) {
        assertThat(e.getMessage()).as("seed %d, round %d", seed, round).isNotBlank();
      }
    }
  }
}
