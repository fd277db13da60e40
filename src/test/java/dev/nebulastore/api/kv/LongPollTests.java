package dev.nebulastore.api.kv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.ServerTest;
import dev.nebulastore.http.ClientPresence;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.ContentBudget;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Value;
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.watch.WatchHub;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@ServerTest
class LongPollTests {

  private static final Key KEY = Key.of("long-poll");

  private final Keyspace keyspace;
  private final WatchHub hub;

  LongPollTests(Keyspace keyspace, WatchHub hub) {
    this.keyspace = keyspace;
    this.hub = hub;
  }

  @Test
  void unansweredChangesDoNotLengthenTheWait() {
    AtomicInteger asked = new AtomicInteger();
    Command.Get read = new Command.Get(KEY, Precondition.NONE);
    Value value = new Value(new byte[1], Value.DEFAULT_CONTENT_TYPE);
    // An hour passes at each look-up, in which the key was written and deleted again.
    LongPoll poll =
        new LongPoll(
            keyspace,
            hub,
            Duration.ofHours(2),
            Duration.ofHours(2),
            () -> {
              keyspace.execute(new Command.Put(KEY, Precondition.NONE, value, null, false));
              keyspace.execute(new Command.Delete(KEY, Precondition.NONE));
              return Duration.ofHours(asked.getAndIncrement()).toNanos();
            });
    assertThat(
            poll.read(
                read,
                Duration.ofHours(2),
                () -> {},
                ContentBudget.UNLIMITED,
                ClientPresence.UNKNOWN))
        .isInstanceOf(Outcome.Absent.class);
    assertThat(asked).hasValue(3);
  }
}
