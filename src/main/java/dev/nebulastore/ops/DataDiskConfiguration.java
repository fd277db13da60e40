package dev.nebulastore.ops;

import dev.nebulastore.storage.StorageEngine;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.health.application.DiskSpaceHealthIndicator;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.micrometer.metrics.system.DiskSpaceMetricsBinder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/**
 * Has Spring Boot's health and metrics of the disk look at the disk of the data directory, wherever
 * that is; by default they look at that of the working directory.
 */
@Configuration(proxyBeanMethods = false)
class DataDiskConfiguration {

  private static final String HEALTH = "management.health.diskspace.";

  /** Without a threshold unless one is set: whether there is room enough is said by the store. */
  @Bean
  @ConditionalOnEnabledHealthIndicator("diskspace")
  DiskSpaceHealthIndicator diskSpaceHealthIndicator(StorageEngine engine, Environment environment) {
    Binder binder = Binder.get(environment);
    return new DiskSpaceHealthIndicator(
        binder.bind(HEALTH + "path", File.class).orElseGet(() -> directory(engine)),
        binder.bind(HEALTH + "threshold", DataSize.class).orElse(DataSize.ofBytes(0)));
  }

  @Bean
  DiskSpaceMetricsBinder diskSpaceMetrics(StorageEngine engine, Environment environment) {
    List<File> paths =
        Binder.get(environment)
            .bind("management.metrics.system.diskspace.paths", Bindable.listOf(File.class))
            .orElseGet(() -> List.of(directory(engine)));
    return new DiskSpaceMetricsBinder(paths, List.of());
  }

  private static File directory(StorageEngine engine) {
    return engine.directory().orElse(Path.of(".")).toFile();
  }
}
