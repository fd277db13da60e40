package dev.nebulastore.time;

import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Defines the clock and the threads of the server. */
@Configuration(proxyBeanMethods = false)
class TimeConfiguration {

  @Bean
  Execution execution() {
    return Execution.SYSTEM;
  }

  @Bean
  StoreClock storeClock(Execution execution) {
    return new MonotonicClock(InstantSource.system(), execution::nanoTime);
  }
}
