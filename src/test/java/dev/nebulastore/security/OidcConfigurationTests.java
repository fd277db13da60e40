package dev.nebulastore.security;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.time.Clocks;
import dev.nebulastore.time.Execution;
import dev.nebulastore.time.StoreClock;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Which settings of an issuer there are, and which are refused. */
class OidcConfigurationTests {

  private static final String ISSUER = "issuer=https://login.example.com/realms/main";
  private static final String AUDIENCE = "audience=nebula";

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withBean(StoreClock.class, () -> Clocks.over(() -> Instant.EPOCH, () -> 0))
          .withBean(Execution.class, () -> Execution.SYSTEM)
          .withUserConfiguration(SecurityConfiguration.class, OidcConfiguration.class);

  private ApplicationContextRunner with(String... settings) {
    ApplicationContextRunner configured = runner;
    for (String setting : settings) {
      configured = configured.withPropertyValues("nebula.security.oidc." + setting);
    }
    return configured;
  }

  @Test
  void issuerAsksForTokens() {
    with(ISSUER, AUDIENCE)
        .run(context -> {
          assertThat(context).hasSingleBean(JwtCallers.class).doesNotHaveBean(TokenStore.class);
          SecurityProperties properties = context.getBean(SecurityProperties.class);
          assertThat(properties.modeOrDefault()).isEqualTo(SecurityProperties.Mode.TOKENS);
          assertThat(properties.oidc().rolesClaim()).isEqualTo("scope");
          assertThat(properties.oidc().prefixesClaim()).isEqualTo("nebula_prefixes");
        });
    with(ISSUER, AUDIENCE)
        .withPropertyValues("nebula.security.mode=tokens")
        .run(context -> assertThat(context).hasNotFailed());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "issuer=", "audience=", "jwk-set-uri="})
  void emptySettingIsNone(String setting) {
    (setting.isEmpty() ? runner : with(setting))
        .run(context -> {
          assertThat(context).hasNotFailed().doesNotHaveBean(JwtCallers.class);
          assertThat(context.getBean(SecurityProperties.class).modeOrDefault())
              .isEqualTo(SecurityProperties.Mode.PROTECTED);
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "login.example.com",
        "/realms/main",
        "ftp://login.example.com",
        "https:login.example.com",
        "https://",
        "https://me:secret@login.example.com",
        "https://login.example.com?realm=main",
        "https://login.example.com#main",
        "https://login.example.com/a b",
        "file:///etc/passwd"
      })
  void issuerMustBeAnHttpUri(String issuer) {
    assertRefused("nebula.security.oidc.issuer", "absolute", "issuer=" + issuer, AUDIENCE);
    assertRefused(
        "nebula.security.oidc.jwk-set-uri",
        "absolute",
        ISSUER,
        AUDIENCE,
        "jwk-set-uri=" + issuer.replace('?', ' '));
  }

  @Test
  void settingsNeedEachOther() {
    assertRefused("nebula.security.oidc.audience", "must be set", ISSUER);
    assertRefused("nebula.security.oidc.audience", "must be set", ISSUER, "audience= ");
    assertRefused("nebula.security.oidc.audience", "needs nebula.security.oidc.issuer", AUDIENCE);
    assertRefused(
        "nebula.security.oidc.jwk-set-uri",
        "needs nebula.security.oidc.issuer",
        "jwk-set-uri=https://login.example.com/keys");
    assertRefused(
        "nebula.security.oidc.roles-claim", "name of a claim", ISSUER, AUDIENCE, "roles-claim=");
    assertRefused(
        "nebula.security.oidc.prefixes-claim",
        "name of a claim",
        ISSUER,
        AUDIENCE,
        "prefixes-claim= ");
  }

  @ParameterizedTest
  @CsvSource({"open", "protected"})
  void otherModesContradictAnIssuer(String mode) {
    with(ISSUER, AUDIENCE)
        .withPropertyValues("nebula.security.mode=" + mode)
        .run(context ->
            assertThat(context)
                .getFailure()
                .rootCause()
                .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                .hasMessageContainingAll("nebula.security.mode", "nebula.security.oidc.issuer"));
  }

  @Test
  void modeTokensNeedsAFileOrAnIssuer() {
    runner
        .withPropertyValues("nebula.security.mode=tokens")
        .run(context ->
            assertThat(context)
                .getFailure()
                .rootCause()
                .hasMessageContainingAll(
                    "nebula.security.tokens-file", "nebula.security.oidc.issuer"));
  }

  private void assertRefused(String setting, String reason, String... settings) {
    with(settings)
        .run(context ->
            assertThat(context)
                .getFailure()
                .rootCause()
                .isInstanceOfSatisfying(
                    InvalidConfigurationPropertyValueException.class,
                    refusal -> assertThat(refusal.getName()).isEqualTo(setting))
                .hasMessageContaining(reason));
  }
}
