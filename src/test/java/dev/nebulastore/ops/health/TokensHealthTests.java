package dev.nebulastore.ops.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.security.TokensReport;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Health of the tokens. */
class TokensHealthTests {

  private record Report(Optional<String> trouble, int tokens) implements TokensReport {}

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withUserConfiguration(TokensHealthIndicator.class)
          .withBean(TokensReport.class, () -> new Report(Optional.empty(), 3));

  @Test
  void isUpWhileTheFileIsInUse() {
    Health health = new TokensHealthIndicator(new Report(Optional.empty(), 3)).health();
    assertThat(health.getStatus()).isEqualTo(Status.UP);
    assertThat(health.getDetails()).containsOnlyKeys("tokens").containsEntry("tokens", 3);
  }

  @Test
  void isDegradedWithTheCauseWhileItIsNot() {
    Health health = new TokensHealthIndicator(new Report(Optional.of("line 3"), 2)).health();
    assertThat(health.getStatus().getCode()).isEqualTo("DEGRADED");
    assertThat(health.getDetails()).containsEntry("cause", "line 3").containsEntry("tokens", 2);
  }

  @Test
  void isCalledTokens() {
    runner
        .withPropertyValues("nebula.security.tokens-file=/etc/tokens")
        .run(context -> assertThat(context).hasBean("tokensHealthIndicator"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nebula.security.tokens-file=", "nebula.security.mode=open"})
  void existsOnlyWhereTokensAreAskedFor(String setting) {
    runner
        .withPropertyValues(setting)
        .run(context -> assertThat(context).doesNotHaveBean(TokensHealthIndicator.class));
  }
}
