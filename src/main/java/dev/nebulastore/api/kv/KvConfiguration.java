package dev.nebulastore.api.kv;

import dev.nebulastore.api.answer.ResponseWriter;
import dev.nebulastore.api.audit.RequestAudit;
import dev.nebulastore.api.codec.AllowedMethods;
import dev.nebulastore.api.codec.KeyCodec;
import dev.nebulastore.api.codec.RequestLimits;
import dev.nebulastore.api.error.Problems;
import dev.nebulastore.http.CallerLimits;
import dev.nebulastore.http.ContentMemory;
import dev.nebulastore.http.fast.FastHandler;
import dev.nebulastore.router.Keyspace;
import dev.nebulastore.security.Gate;
import dev.nebulastore.watch.WatchHub;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;

/** Puts together what serves one key, by both ways in. */
@Configuration(proxyBeanMethods = false)
class KvConfiguration {

  @Bean
  CommandReader commandReader(RequestLimits limits) {
    return new CommandReader(limits);
  }

  @Bean
  LongPoll longPoll(
      Keyspace keyspace,
      WatchHub hub,
      @Qualifier("watchHeartbeat") Duration heartbeat,
      @Qualifier("longestWait") Duration longest) {
    return new LongPoll(keyspace, hub, heartbeat, longest, System::nanoTime);
  }

  @Bean
  FastHandler fastKvHandler(
      Gate gate,
      Keyspace keyspace,
      RequestAudit audit,
      Problems problems,
      CommandReader reader,
      ResponseWriter writer,
      ContentMemory memory,
      CallerLimits limits) {
    return new FastKvHandler(gate, keyspace, audit, problems, reader, writer, memory, limits);
  }

  @Bean
  FilterRegistrationBean<KeyPathFilter> keyPathFilter() {
    var registration = new FilterRegistrationBean<>(new KeyPathFilter());
    registration.addUrlPatterns(KeyCodec.PREFIX + "*", AllowedMethods.KEYS, AllowedMethods.BATCH);
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 2);
    return registration;
  }
}
