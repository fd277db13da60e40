package dev.nebulastore.ops.health;

import dev.nebulastore.security.ConditionalOnTokens;
import dev.nebulastore.security.TokensReport;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Health of the tokens: UP if those of the tokens file are in use, DEGRADED (still 200) while the
 * file as it is now can't be used, so that earlier ones are. Exists only in the mode tokens.
 *
 * <p>Threads: immutable.
 */
@Component
@ConditionalOnTokens
final class TokensHealthIndicator implements HealthIndicator {

  private final TokensReport report;

  TokensHealthIndicator(TokensReport report) {
    this.report = report;
  }

  @Override
  public Health health() {
    return Trouble.health(report.trouble(), "the tokens file can't be used as it is now")
        .withDetail("tokens", report.tokens())
        .build();
  }
}
