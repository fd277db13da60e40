package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Batches. */
@ServerTest
class BatchIT {

  private final NebulaStore store;

  BatchIT(TestServer server) {
    store = NebulaStore.at(server.url());
  }

  @Test
  void everyOperationHasAResult() {
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
  void numbersAreAddedToAndEntriesTouched() {
    List<Result> results =
        store.batch(
            Operation.add("batch/n", 5),
            Operation.add("batch/n", -2, Duration.ofHours(1)),
            Operation.keep("batch/n"),
            Operation.touch("batch/none", Duration.ofHours(1)));

    assertThat(results).extracting(Result::status).containsExactly(201, 200, 204, 404);
    assertThat(results.get(1).value()).isEqualTo(new Value(new byte[] {'3'}, "text/plain"));
    assertThat(results.get(2).expires()).isNull();
    assertThat(store.touchAll("batch/n", Duration.ofHours(1))).isEqualTo(1);
    assertThat(store.get("batch/n").orElseThrow().expires()).isNotNull();
    assertThat(store.keepAll("batch/n")).isEqualTo(1);
  }

  @Test
  void streamsAreSentAsResultsAreRead() {
    // @start region="stream"
    Stream<Operation> operations =
        IntStream.range(0, 1_000).mapToObj(i -> Operation.put("load/" + i, Value.text("v" + i)));
    assertThat(store.batch(operations).filter(Result::succeeded)).hasSize(1_000);
    // @end
  }

  @Test
  void bytesTagsAndTimesArriveUnchanged() {
    var image = new Value(new byte[] {0, (byte) 0xff, 10}, "image/x-odd; a=\"b\"");
    Result put =
        store
            .batch(
                new Operation.Put("batch/é \"/1", image, Duration.ofHours(1), Condition.absent()))
            .get(0)
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
