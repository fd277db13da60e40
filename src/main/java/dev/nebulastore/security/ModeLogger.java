package dev.nebulastore.security;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Logs at the start who is served, and warns if that may be more than the operator wants.
 *
 * <p>Threads: immutable.
 */
@Component
final class ModeLogger {

  private static final Logger log = LoggerFactory.getLogger(ModeLogger.class);

  private final SecurityProperties properties;
  private final ClearListeners clear;

  ModeLogger(SecurityProperties properties, ClearListeners clear) {
    this.properties = properties;
    this.clear = clear;
  }

  @EventListener(ApplicationReadyEvent.class)
  void onReady() {
    switch (properties.modeOrDefault()) {
      case PROTECTED ->
          log.info(
              "Protected mode: only clients on this machine are served. To serve others, set"
                  + " nebula.security.tokens-file, or nebula.security.mode=open");
      case OPEN ->
          log.warn(
              "nebula.security.mode=open: everybody who reaches this server may read and write"
                  + " everything");
      case TOKENS -> {
        warnOfKeysWithoutTls(properties.oidc());
        for (String prefix : clear.prefixes()) {
          log.warn(
              "Tokens are sent in the clear, since there is no TLS ({}.ssl.bundle). That is safe"
                  + " only behind a proxy that ends TLS. nebula.security.require-tls=true refuses"
                  + " such a start",
              prefix);
        }
      }
    }
  }

  private static void warnOfKeysWithoutTls(OidcProperties oidc) {
    String place = oidc.jwkSetUri() == null ? oidc.issuer() : oidc.jwkSetUri();
    if (place != null && place.startsWith("http:")) {
      log.warn(
          "The keys of the issuer are fetched without TLS ({}): whoever can change them on their"
              + " way can make tokens",
          place);
    }
  }
}
