package dev.nebulastore.api;

import dev.nebulastore.storage.HookedEngine;
import dev.nebulastore.storage.memory.MemoryEngines;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** Provides a server with the memory engine and injected faults. */
@TestConfiguration(proxyBeanMethods = false)
class FaultyMemory {

  @Bean
  @Primary
  HookedEngine hookedEngine() {
    return new HookedEngine(MemoryEngines.create(Long.MAX_VALUE));
  }
}
