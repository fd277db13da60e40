package dev.nebulastore.ops.health;

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
 * Makes disk health and disk metrics of Spring Boot refer to the disk of the data directory. By
 * default they refer to the working directory.
 */
@Configuration(proxyBeanMethods = false)
class DataDiskConfiguration {

  private static final String HEALTH = "management.health.diskspace.";

  /** Without a threshold by default, since the store reports a full disk. */
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
