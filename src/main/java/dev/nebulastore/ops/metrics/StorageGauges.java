package dev.nebulastore.ops.metrics;

import dev.nebulastore.storage.StorageEngine;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Gauges of the store, computed when they are scraped.
 *
 * <p>Threads: immutable.
 */
@Component
final class StorageGauges implements MeterBinder {

  private static final String BYTES = "bytes";

  private final StorageEngine engine;

  StorageGauges(StorageEngine engine) {
    this.engine = engine;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    gauge(
        registry,
        "nebula.entries",
        "Entries stored, including expired ones that are not swept yet",
        null,
        e -> e.usage().entries());
    gauge(
        registry,
        "nebula.storage.used",
        "Space of the entries, as the engine counts it; for rocksdb an estimate: the bytes of its"
            + " table files and memtables",
        BYTES,
        e -> e.usage().bytes());
    if (engine.usage().maxBytes() < Long.MAX_VALUE) {
      gauge(
          registry,
          "nebula.storage.max",
          "Space of the entries at which writes are refused",
          BYTES,
          e -> e.usage().maxBytes());
    }
    gauge(
        registry,
        "nebula.storage.writable",
        "1 if the store accepts all writes, 0 if it is full or its disk accepts none",
        null,
        e -> e.condition().isWritable() ? 1 : 0);
    FunctionCounter.builder("nebula.storage.corruptions", engine, StorageEngine::corruptions)
        .description("Lookups that found damage on disk, and one if a compaction did")
        .tag("engine", engine.name())
        .register(registry);
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String description,
      @Nullable String unit,
      ToDoubleFunction<StorageEngine> figure) {
    Gauge.builder(name, engine, figure)
        .description(description)
        .baseUnit(unit)
        .tag("engine", engine.name())
        .register(registry);
  }
}
