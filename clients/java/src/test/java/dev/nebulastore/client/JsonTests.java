package dev.nebulastore.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.client.Transaction.Check;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The JSON of requests, byte for byte, and that of responses. */
class JsonTests {

  private static String written(Operation operation) {
    return new String(Json.write(OperationJson.of(operation)), UTF_8);
  }

  @Test
  void textIsAString() {
    assertThat(written(Operation.put("é/\"1", Value.text("\u0000é\n"))))
        .isEqualTo(
            """
            {"op":"put","key":"é/\\"1","contentType":"text/plain;charset=UTF-8",\
            "value":"\\u0000é\\n"}\
            """);
  }

  @Test
  void otherBytesAreBase64() {
    assertThat(written(Operation.put("k", Value.bytes((byte) 0xff, (byte) 0xfe))))
        .isEqualTo(
            """
            {"op":"put","key":"k","contentType":"application/octet-stream","base64":"//4="}\
            """);
  }

  @Test
  void ttlIsWrittenInIso8601() {
    Condition condition = new Condition(List.of("\"1\"", "\"2\""), List.of("*"));
    assertThat(written(new Operation.Put("k", Value.text(""), Duration.ofMinutes(90), condition)))
        .isEqualTo(
            """
            {"op":"put","key":"k","contentType":"text/plain;charset=UTF-8","value":"",\
            "ttl":"PT1H30M","ifMatch":"\\"1\\", \\"2\\"","ifNoneMatch":"*"}\
            """);
  }

  @Test
  void expiresIsATime() {
    Instant expires = Instant.parse("2026-11-22T11:00:00.5Z");
    Value value = Value.text("");
    assertThat(written(new Operation.Put("k", value, null, expires, Condition.none())))
        .isEqualTo(
            """
            {"op":"put","key":"k","contentType":"text/plain;charset=UTF-8","value":"",\
            "expires":"2026-11-22T11:00:00.500Z"}\
            """);
    assertThatThrownBy(
            () -> new Operation.Put("k", value, Duration.ZERO, expires, Condition.none()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nullMembersAreLeftOut() {
    assertThat(written(Operation.get("k"))).isEqualTo("{\"op\":\"get\",\"key\":\"k\"}");
    assertThat(written(Operation.delete("k", Condition.exists())))
        .isEqualTo("{\"op\":\"delete\",\"key\":\"k\",\"ifMatch\":\"*\"}");
  }

  @Test
  void touchesHaveATtlAndAdditionsAnAmount() {
    assertThat(written(Operation.touch("k", Duration.ofHours(1))))
        .isEqualTo("{\"op\":\"touch\",\"key\":\"k\",\"ttl\":\"PT1H\"}");
    assertThat(written(Operation.keep("k")))
        .isEqualTo("{\"op\":\"touch\",\"key\":\"k\",\"ttl\":\"none\"}");
    assertThat(written(Operation.add("k", Long.MIN_VALUE)))
        .isEqualTo("{\"op\":\"add\",\"key\":\"k\",\"add\":-9223372036854775808}");
    assertThat(written(Operation.add("k", 5, Duration.ofHours(1))))
        .isEqualTo("{\"op\":\"add\",\"key\":\"k\",\"add\":5,\"ttl\":\"PT1H\"}");
  }

  @Test
  void transactionsHaveIfThenAndElse() {
    Transaction transaction =
        Transaction.when(Check.matches("a", "\"1\""), Check.absent("b"), Check.exists("c"))
            .then(Operation.delete("a"))
            .otherwise(Operation.get("a"));

    assertThat(new String(Json.write(TransactionJson.of(transaction)), UTF_8))
        .isEqualTo(
            """
            {"if":[{"key":"a","etag":"\\"1\\""},{"key":"b","exists":false},\
            {"key":"c","exists":true}],"then":[{"op":"delete","key":"a"}],\
            "else":[{"op":"get","key":"a"}]}\
            """);
  }

  @Test
  void unpairedSurrogatesAreRefused() {
    assertThatThrownBy(() -> written(Operation.get("\uD83D")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TransactionJson.of(Transaction.when(Check.exists("\uDE00"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void resultsIgnoreUnknownMembers() {
    String json =
        """
        {"status":200,"etag":"\\"1\\"","contentType":"image/png","base64":"/w==",
        "expires":"2026-11-22T11:00:00.25Z","new":{"a":[1]}}
        """;
    assertThat(Json.read(json, ResultJson.class).toResult())
        .isEqualTo(
            new Result(
                200,
                "\"1\"",
                new Value(new byte[] {(byte) 0xff}, "image/png"),
                Instant.parse("2026-11-22T11:00:00.25Z"),
                null));
  }

  @Test
  void problemsWithinResultsHaveAllMembers() {
    String json =
        """
        {"status":503,"problem":{"type":"/problems/mailbox-full","title":"t","status":503,
        "detail":"d","applied":"no","key":"k","shard":3}}
        """;
    NebulaStoreException problem =
        requireNonNull(Json.read(json, ResultJson.class).toResult().problem());

    assertThat(problem.code()).isEqualTo("mailbox-full");
    assertThat(problem.applied()).isEqualTo(NebulaStoreException.Applied.NO);
    assertThat(problem.key()).contains("k");
    assertThat(problem.shard()).contains(3);
    assertThat(problem).hasMessage("mailbox-full: t d");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{\"etag\":\"1\"}",
        "{\"key\":null,\"etag\":\"\\\"1\\\"\"}"
      })
  void malformedKeysOfAListingAreNoAnswer(String line) {
    assertThatThrownBy(() -> Json.read(line, ListedKey.class))
        .isInstanceOfSatisfying(
            NebulaStoreException.class,
            e -> assertThat(e.code()).isEqualTo(NebulaStoreException.NO_ANSWER));
  }

  @Test
  void unknownEventsAreIgnored() {
    assertThat(EventJson.read("later", "p1", "[1]")).isNull();
    assertThat(EventJson.read("reset", "p1", "")).isEqualTo(new Event.Reset("p1"));
    assertThatThrownBy(() -> EventJson.read("delete", "p1", "{\"key\":\"k\"}"))
        .isInstanceOf(NebulaStoreException.class);
  }
}
