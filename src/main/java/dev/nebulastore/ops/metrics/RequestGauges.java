package dev.nebulastore.ops.metrics;

import dev.nebulastore.http.Admission;
import dev.nebulastore.http.CallerLimits;
import dev.nebulastore.http.ContentMemory;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.stereotype.Component;

/**
 * Gauges of requests in flight and the memory of their content, with the limits.
 *
 * <p>Threads: immutable.
 */
@Component
final class RequestGauges implements MeterBinder {

  private final Admission admission;
  private final ContentMemory memory;
  private final CallerLimits callers;

  RequestGauges(Admission admission, ContentMemory memory, CallerLimits callers) {
    this.admission = admission;
    this.memory = memory;
    this.callers = callers;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("nebula.requests", admission, Admission::requests)
        .description("Requests in flight, watchers included")
        .register(registry);
    Gauge.builder("nebula.requests.max", admission, Admission::maxRequests)
        .description("Limit of requests in flight")
        .register(registry);
    FunctionCounter.builder("nebula.requests.fast", admission, Admission::fast)
        .description("Requests served by the fast path")
        .register(registry);
    FunctionCounter.builder("nebula.requests.refused", admission, Admission::refused)
        .description("Requests refused unread at the limit of requests or connections")
        .register(registry);
    FunctionCounter.builder("nebula.callers.refused", callers, CallerLimits::refused)
        .description("Requests refused at a limit of their caller")
        .register(registry);
    FunctionCounter.builder("nebula.connections.evicted", admission, Admission::evicted)
        .description("Idle connections closed for new ones at the limit")
        .register(registry);
    Gauge.builder("nebula.requests.content", memory, ContentMemory::taken)
        .description(
            "Memory of the content of requests and responses in flight, without small ones")
        .baseUnit("bytes")
        .register(registry);
    FunctionCounter.builder("nebula.requests.evicted", memory, ContentMemory::evicted)
        .description("Requests of idle clients that were ended when memory was short")
        .register(registry);
  }
}
