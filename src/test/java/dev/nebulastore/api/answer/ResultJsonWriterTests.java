package dev.nebulastore.api.answer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.SteppedTime;
import dev.nebulastore.api.codec.ClientTime;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.http.TimeSlice;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Entry;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.KvException.MailboxFull;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Revision;
import dev.nebulastore.kv.Value;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

class ResultJsonWriterTests {

  private static final Instant TIME = Instant.parse("2033-03-06T09:08:07.654Z");
  private static final Command GET = new Command.Get(Key.of("a"), Precondition.NONE);

  private final ResultJsonWriter answers =
      new ResultJsonWriter(
          new Problems((_, denied, _) -> denied), new ClientTime(new SteppedTime()), "", "/batch");

  private static Entry entry(byte[] bytes, @Nullable Instant expires) {
    Value value = new Value(bytes, "a/b");
    return new Entry(Key.of("a"), value, new Revision(361), TIME, expires);
  }

  private static Entry entry(String text) {
    return entry(text.getBytes(UTF_8), null);
  }

  private static String written(Consumer<JsonGenerator> writing) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = new JsonMapper().createGenerator(text)) {
      writing.accept(json);
    }
    return text.toString();
  }

  private String answer(Outcome outcome) {
    return written(json -> answers.write(json, GET, outcome, new TimeSlice()));
  }

  @Test
  void valuesAreTextOrBase64() {
    String head = "{\"status\":200,\"etag\":\"\\\"a1\\\"\",\"contentType\":\"a/b\",";
    assertThat(answer(new Outcome.Found(entry("é\n\ufffd"))))
        .isEqualTo(head + "\"value\":\"é\\n\ufffd\"}");
    assertThat(answer(new Outcome.Found(entry("")))).isEqualTo(head + "\"value\":\"\"}");
    assertThat(answer(new Outcome.Found(entry(new byte[] {'a', (byte) 0xe9}, null))))
        .isEqualTo(head + "\"base64\":\"Yek=\"}");
    byte[] surrogate = {(byte) 0xed, (byte) 0xa0, (byte) 0x80};
    assertThat(answer(new Outcome.Found(entry(surrogate, null))))
        .isEqualTo(head + "\"base64\":\"7aCA\"}");
  }

  @Test
  void writesReturnVersionAndExpiry() {
    assertThat(answer(new Outcome.Created(entry(""))))
        .isEqualTo("{\"status\":201,\"etag\":\"\\\"a1\\\"\"}");
    assertThat(answer(new Outcome.Replaced(entry(new byte[0], TIME))))
        .isEqualTo(
            "{\"status\":204,\"etag\":\"\\\"a1\\\"\",\"expires\":\"2033-03-06T09:08:07.654Z\"}");
    assertThat(answer(new Outcome.NotModified(entry(""))))
        .isEqualTo("{\"status\":304,\"etag\":\"\\\"a1\\\"\"}");
    assertThat(answer(new Outcome.Deleted(true))).isEqualTo("{\"status\":204}");
    assertThat(answer(new Outcome.Deleted(false))).isEqualTo("{\"status\":204}");
  }

  @Test
  void additionsReturnTheSum() {
    String rest = "\"etag\":\"\\\"a1\\\"\",\"contentType\":\"a/b\",\"value\":\"5\"}";
    assertThat(answer(new Outcome.Added(entry("5"), true))).isEqualTo("{\"status\":201," + rest);
    assertThat(answer(new Outcome.Added(entry("5"), false))).isEqualTo("{\"status\":200," + rest);
  }

  @Test
  void refusalsAreProblems() {
    assertThat(answer(new Outcome.PreconditionFailed(entry(""))))
        .isEqualTo(
            "{\"status\":412,\"problem\":{\"type\":\"/problems/precondition-failed\","
                + "\"title\":\"The condition does not hold\",\"status\":412,"
                + "\"detail\":\"The entry is at version \\\"a1\\\".\",\"instance\":\"/batch\","
                + "\"key\":\"a\",\"currentEtag\":\"\\\"a1\\\"\"}}");
    assertThat(answer(new Outcome.NotANumber(entry("ten"))))
        .startsWith("{\"status\":409,\"problem\":{\"type\":\"/problems/not-a-number\",");
    assertThat(answer(new Outcome.Absent())).startsWith("{\"status\":404,\"problem\":{");
    assertThat(answer(new Outcome.PreconditionRequired(entry("")))).startsWith("{\"status\":428,");
  }

  @Test
  void weakTagIsNamedAsTheReason() {
    Precondition weak =
        new Precondition(
            new Versions.OneOf(Set.of(), Set.of(new Revision(361), new Revision(7))),
            null,
            null,
            null);
    Command delete = new Command.Delete(Key.of("a"), weak);
    var refused = new Outcome.PreconditionFailed(entry(""));
    assertThat(written(json -> answers.write(json, delete, refused, new TimeSlice())))
        .contains(
            "\"detail\":\"The entry is at version \\\"a1\\\". The condition names it as"
                + " W/\\\"a1\\\", a weak tag, which never matches.\",");
  }

  @Test
  void failuresTellWhetherTheyWereApplied() {
    var failure = new MailboxFull(3, 10, Duration.ofSeconds(1));
    assertThat(written(json -> answers.write(json, failure, Key.of("a"))))
        .startsWith("{\"status\":503,\"problem\":{\"type\":\"/problems/mailbox-full\"")
        .endsWith("\"instance\":\"/batch\",\"key\":\"a\",\"shard\":3,\"applied\":\"no\"}}");
  }
}
