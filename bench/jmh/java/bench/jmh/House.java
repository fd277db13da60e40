package bench.jmh;

import dev.nebulastore.NebulaStoreApplication;
import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Outcome;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Value;
import dev.nebulastore.router.ShardRouter;
import java.time.Duration;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * NebulaStore with its production configuration, on the memory engine, but without HTTP.
 *
 * <p>Threads: thread-safe.
 */
record House(ConfigurableApplicationContext context, ShardRouter router) implements AutoCloseable {

  private static final int VALUE_BYTES = 100;

  /** Starts it with these settings, such as {@code nebula.shards.count=5}. */
  static House start(String... properties) {
    ConfigurableApplicationContext context =
        new SpringApplicationBuilder(NebulaStoreApplication.class)
            .web(WebApplicationType.NONE)
            .properties("nebula.storage.engine=memory", "logging.level.root=error")
            .properties(properties)
            .run();
    return new House(context, context.getBean(ShardRouter.class));
  }

  /** This number of keys of 16 bytes. */
  static Key[] keys(int count) {
    return IntStream.range(0, count).mapToObj(House::key).toArray(Key[]::new);
  }

  /** A key of 16 bytes. */
  static Key key(int number) {
    return Key.of("key:%012d".formatted(number));
  }

  /** Writes 100 bytes without a time to live. */
  Outcome put(Key key) {
    return put(key, null);
  }

  Outcome put(Key key, @Nullable Duration ttl) {
    Value value = new Value(new byte[VALUE_BYTES], Value.DEFAULT_CONTENT_TYPE);
    return router.execute(new Command.Put(key, Precondition.NONE, value, ttl, false));
  }

  Outcome get(Key key) {
    return router.execute(new Command.Get(key, Precondition.NONE));
  }

  @Override
  public void close() {
    context.close();
  }
}
