package dev.nebulastore.ops;

import dev.nebulastore.storage.StorageEngine;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Shows how the store is: read when somebody scrapes, free otherwise.
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
        "Entries stored, expired ones that were not yet swept included",
        null,
        e -> e.usage().entries());
    gauge(
        registry,
        "nebula.storage.used",
        "What the entries take, by the engine's reckoning; of rocksdb an estimate: the bytes of"
            + " its table files and of its memory tables",
        BYTES,
        e -> e.usage().bytes());
    if (engine.usage().maxBytes() < Long.MAX_VALUE) {
      gauge(
          registry,
          "nebula.storage.max",
          "What the entries may take before writes are refused",
          BYTES,
          e -> e.usage().maxBytes());
    }
    gauge(
        registry,
        "nebula.storage.writable",
        "1 if the store takes every write; 0 if it is full or its disk takes none",
        null,
        e -> e.condition().isWritable() ? 1 : 0);
    FunctionCounter.builder("nebula.storage.corruptions", engine, StorageEngine::corruptions)
        .description("Look-ups that met damage on the disk, and one if a compaction did")
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
