package dev.nebulastore.ops;

import dev.nebulastore.http.Admission;
import dev.nebulastore.http.ContentMemory;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.stereotype.Component;

/**
 * Shows what the requests in flight take, of what they may.
 *
 * <p>Threads: immutable.
 */
@Component
final class RequestGauges implements MeterBinder {

  private final Admission admission;
  private final ContentMemory memory;

  RequestGauges(Admission admission, ContentMemory memory) {
    this.admission = admission;
    this.memory = memory;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("nebula.requests", admission, Admission::requests)
        .description("Requests in flight, those who watch included")
        .register(registry);
    Gauge.builder("nebula.requests.max", admission, Admission::maxRequests)
        .description("How many may be in flight")
        .register(registry);
    FunctionCounter.builder("nebula.requests.fast", admission, Admission::fast)
        .description("Requests that event loops served, past Tomcat")
        .register(registry);
    FunctionCounter.builder("nebula.requests.refused", admission, Admission::refused)
        .description("Requests refused unread, since too many were in flight or connections open")
        .register(registry);
    FunctionCounter.builder("nebula.connections.evicted", admission, Admission::evicted)
        .description("Idle connections closed for new ones at the limit of connections")
        .register(registry);
    Gauge.builder("nebula.requests.content", memory, ContentMemory::taken)
        .description("What the content of requests and answers in flight takes, small ones aside")
        .baseUnit("bytes")
        .register(registry);
    FunctionCounter.builder("nebula.requests.evicted", memory, ContentMemory::evicted)
        .description("Requests ended since their clients did nothing while memory was short")
        .register(registry);
  }
}
