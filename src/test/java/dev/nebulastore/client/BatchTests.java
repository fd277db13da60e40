package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Batches that a real server carries out. */
@ClientTest
class BatchTests {

  private final NebulaStore store;

  BatchTests(@LocalServerPort int port) {
    store = NebulaStore.at("http://127.0.0.1:" + port);
  }

  @Test
  void eachOperationHasItsResult() {
    // @start region="batch"
    List<Result> results =
        store.batch(
            Operation.put("batch/a", Value.text("1")),
            Operation.get("batch/a"),
            Operation.put("batch/a", Value.text("2"), Condition.absent()),
            Operation.get("batch/b"));

    assertThat(results).extracting(Result::status).containsExactly(201, 200, 412, 404);
    assertThat(results.get(1).value()).isEqualTo(Value.text("1"));
    assertThat(results.get(2).problem())
        .satisfies(problem -> assertThat(problem.isPreconditionFailed()).isTrue());
    // @end
  }

  @Test
  void anyNumberIsSentWhileTheResultsAreRead() {
    // @start region="stream"
    Stream<Operation> operations =
        IntStream.range(0, 1_000).mapToObj(i -> Operation.put("load/" + i, Value.text("v" + i)));
    assertThat(store.batch(operations).filter(Result::succeeded)).hasSize(1_000);
    // @end
  }

  @Test
  void bytesTagsAndTimesArriveAsTheyAre() {
    var image = new Value(new byte[] {0, (byte) 0xff, 10}, "image/x-odd; a=\"b\"");
    Result put =
        store
            .batch(
                new Operation.Put("batch/é \"/1", image, Duration.ofHours(1), Condition.absent()))
            .getFirst()
            .orThrow();
    Entry entry = store.get("batch/é \"/1").orElseThrow();

    assertThat(entry.value()).isEqualTo(image);
    assertThat(entry.etag()).isEqualTo(put.etag());
    assertThat(entry.expires()).isNotNull().isEqualTo(put.expires());
    assertThat(
            store.batch(
                Operation.get("batch/é \"/1"),
                Operation.delete("batch/é \"/1", Condition.matches("\"x\"", entry.etag())),
                Operation.delete("batch/é \"/1")))
        .extracting(Result::value)
        .containsExactly(image, null, null);
    assertThat(store.head("batch/é \"/1")).isEmpty();
  }
}
