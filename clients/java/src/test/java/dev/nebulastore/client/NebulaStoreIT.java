package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.client.NebulaStoreException.Applied;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** The methods for one key. The Javadoc shows the marked regions. */
@ServerTest
class NebulaStoreIT {

  private final String url;
  private final NebulaStore store;

  NebulaStoreIT(TestServer server) {
    url = server.url();
    store = NebulaStore.at(url);
  }

  @Test
  void valuesStayUntilTheyAreDeleted() {
    // @start region="first"
    NebulaStore store = NebulaStore.at(url);

    store.put("users/ada", Value.json("{\"name\":\"Ada\"}"));
    Entry entry = store.get("users/ada").orElseThrow();
    assertThat(entry.text()).isEqualTo("{\"name\":\"Ada\"}");
    assertThat(entry.value().contentType()).isEqualTo("application/json");

    store.delete("users/ada");
    assertThat(store.get("users/ada")).isEmpty();
    // @end
  }

  @Test
  void outdatedWritesAreRefused() {
    store.put("counter", Value.text("41"));
    // @start region="compare-and-set"
    while (true) {
      Entry counter = store.get("counter").orElseThrow();
      Value next = Value.text(Integer.toString(Integer.parseInt(counter.text()) + 1));
      try {
        store.put("counter", next, Condition.matches(counter.etag()));
        break;
      } catch (NebulaStoreException e) {
        if (!e.isPreconditionFailed()) {
          throw e;
        }
        // Another client was faster: read again.
      }
    }
    // @end
    assertThat(store.get("counter").orElseThrow().text()).isEqualTo("42");
  }

  @Test
  void problemsHaveAllFacts() {
    // @start region="problem"
    Written first = store.put("lock", Value.text("mine"), Condition.absent());

    assertThatThrownBy(() -> store.put("lock", Value.text("not mine"), Condition.absent()))
        .asInstanceOf(InstanceOfAssertFactories.type(NebulaStoreException.class))
        .satisfies(problem -> {
          assertThat(problem.code()).isEqualTo("precondition-failed");
          assertThat(problem.status()).isEqualTo(412);
          assertThat(problem.applied()).isEqualTo(Applied.NO);
          assertThat(problem.currentEtag()).contains(first.etag());
          assertThat(problem.key()).contains("lock");
        });
    // @end
  }

  @Test
  void writesReturnVersionAndWhetherTheKeyIsNew() {
    Written created = store.put("written", Value.text("1"));
    Written replaced = store.put("written", Value.text("2"), Condition.matches(created.etag()));

    assertThat(created.created()).isTrue();
    assertThat(created.expires()).isNull();
    assertThat(replaced.created()).isFalse();
    assertThat(store.get("written").orElseThrow().etag())
        .isEqualTo(replaced.etag())
        .isNotEqualTo(created.etag());
  }

  @Test
  void bytesAndTypeComeBackUnchanged() {
    byte[] all = new byte[256];
    IntStream.range(0, 256).forEach(i -> all[i] = (byte) i);
    Value odd = new Value(all, "Text/X-Odd; A=\"b c\";  d=e");

    store.put("odd", odd);
    store.put("empty", new Value(new byte[0], "image/png"));
    store.put("type", new Value(new byte[] {1}, "not a type"));

    assertThat(store.get("odd").orElseThrow().value()).isEqualTo(odd);
    assertThat(store.get("empty").orElseThrow().value())
        .isEqualTo(new Value(new byte[0], "image/png"));
    assertThat(store.get("type").orElseThrow().value().contentType()).isEqualTo("not a type");
  }

  @Test
  void conditionalReadsSkipKnownVersions() {
    String etag = store.put("read", Value.text("1")).etag();

    assertThat(store.get("read", Condition.differsFrom(etag))).isEqualTo(new Reading.Unchanged());
    assertThat(store.get("read", Condition.differsFrom("\"other\"")))
        .isInstanceOfSatisfying(
            Reading.Found.class, found -> assertThat(found.entry().etag()).isEqualTo(etag));
    assertThat(store.get("read/absent", Condition.none())).isEqualTo(new Reading.Absent());
    assertThatThrownBy(() -> store.get("read", Condition.matches("\"other\"")))
        .isInstanceOfSatisfying(
            NebulaStoreException.class, e -> assertThat(e.isPreconditionFailed()).isTrue());
  }

  @Test
  void headReturnsMetadata() {
    Written written = store.put("head", Value.text("twelve bytes"), Duration.ofHours(1));

    assertThat(store.head("head"))
        .hasValueSatisfying(metadata -> {
          assertThat(metadata.etag()).isEqualTo(written.etag());
          assertThat(metadata.size()).isEqualTo(12);
          assertThat(metadata.contentType()).isEqualTo("text/plain;charset=UTF-8");
          assertThat(metadata.expires()).isEqualTo(written.expires());
        });
    assertThat(store.head("head/absent")).isEmpty();
  }

  @Test
  void expiryIsSetChangedAndRemoved() {
    Written hour = store.put("ttl", Value.text("x"), Duration.ofHours(1), Condition.absent());
    Written day = store.touch("ttl", Duration.ofDays(1)).orElseThrow();

    assertThat(hour.expires()).isNotNull();
    assertThat(day.expires()).isAfter(hour.expires());
    assertThat(store.get("ttl").orElseThrow().expires()).isEqualTo(day.expires());
    assertThat(store.touch("ttl", Duration.ofHours(2), Condition.matches(day.etag())))
        .hasValueSatisfying(touched -> assertThat(touched.expires()).isBefore(day.expires()));
    assertThat(store.keep("ttl")).hasValueSatisfying(kept -> assertThat(kept.expires()).isNull());
    assertThat(store.get("ttl").orElseThrow().expires()).isNull();
    assertThat(store.touch("ttl/absent", Duration.ofDays(1))).isEmpty();
    assertThat(store.keep("ttl/absent")).isEmpty();
  }

  @Test
  void additionsReturnTheSum() {
    // @start region="add"
    Added first = store.add("hits", 5);
    Added second = store.add("hits", -7);

    assertThat(first.sum()).isEqualTo(5);
    assertThat(first.created()).isTrue();
    assertThat(second.sum()).isEqualTo(-2);
    // @end
    assertThat(second.created()).isFalse();
    assertThat(second.expires()).isNull();
    assertThat(store.get("hits").orElseThrow().text()).isEqualTo("-2");
    assertThat(store.add("hits", 1, Duration.ofHours(1)).expires()).isNotNull();
    String etag = store.add("hits", Long.MAX_VALUE).etag();
    assertThat(store.add("hits", Long.MIN_VALUE, Condition.matches(etag)).sum()).isEqualTo(-2);
    assertThatThrownBy(() -> store.add("hits", 1, Duration.ofHours(1), Condition.matches(etag)))
        .isInstanceOfSatisfying(
            NebulaStoreException.class, e -> assertThat(e.isPreconditionFailed()).isTrue());
  }

  @Test
  void onlyNumbersAreAddedTo() {
    store.put("no number", Value.text("ten"));
    assertThatThrownBy(() -> store.add("no number", 1))
        .isInstanceOfSatisfying(
            NebulaStoreException.class,
            e -> {
              assertThat(e.code()).isEqualTo("not-a-number");
              assertThat(e.applied()).isEqualTo(Applied.NO);
            });
  }

  @Test
  void conditionsHoldForDeletesAndExpiries() {
    String etag = store.put("guarded", Value.text("x")).etag();

    assertThatThrownBy(() -> store.delete("guarded", Condition.differsFrom(etag)))
        .isInstanceOf(NebulaStoreException.class);
    assertThatThrownBy(() -> store.keep("guarded", Condition.matches("\"a\"", "\"b\"")))
        .isInstanceOf(NebulaStoreException.class);
    store.delete("guarded", Condition.matches("\"a\"", etag));
    assertThat(store.head("guarded")).isEmpty();
    assertThatThrownBy(() -> store.put("guarded", Value.text("x"), Condition.exists()))
        .isInstanceOf(NebulaStoreException.class);
  }

  @Test
  void invalidRequestsHaveACode() {
    assertThatThrownBy(() -> store.put("ttl/none", Value.text("x"), Duration.ofMillis(1)))
        .isInstanceOfSatisfying(
            NebulaStoreException.class,
            e -> {
              assertThat(e.code()).isEqualTo("invalid-ttl");
              assertThat(e.applied()).isEqualTo(Applied.NO);
            });
    assertThatThrownBy(() -> NebulaStore.at(url + "/elsewhere").get("key"))
        .isInstanceOfSatisfying(
            NebulaStoreException.class, e -> assertThat(e.code()).isEqualTo("not-found"));
  }

  @Test
  void threadsShareAClient() throws Exception {
    int threads = 8;
    var ready = new CountDownLatch(threads);
    var pool = Executors.newFixedThreadPool(threads);
    try {
      var writes =
          IntStream.range(0, threads)
              .mapToObj(i ->
                  pool.submit(() -> {
                    ready.countDown();
                    ready.await();
                    return store.put("shared/" + i, Value.text("value " + i));
                  }))
              .toList();
      for (var write : writes) {
        assertThat(write.get().created()).isTrue();
      }
    } finally {
      pool.shutdownNow();
    }
    for (int i = 0; i < threads; i++) {
      assertThat(store.get("shared/" + i).orElseThrow().text()).isEqualTo("value " + i);
    }
  }
}
