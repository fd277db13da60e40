package dev.nebulastore.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.security.Gate.Sender;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** When tokens are verified, and how long the result is used. */
@ExtendWith(OutputCaptureExtension.class)
class JwtCallersTests {

  private static final Instant BEGIN = Instant.parse("2033-01-31T00:00:00Z");
  private static final Instant LATER = BEGIN.plusSeconds(300);
  private static final TestIssuer ISSUER = TestIssuer.start();

  private Instant now = BEGIN;
  private volatile @Nullable Error failure;
  private final AtomicInteger verified = new AtomicInteger();
  private final OidcProperties properties =
      new OidcProperties(
          ISSUER.issuer(), TestIssuer.AUDIENCE, "scope", null, "nebula_prefixes", null);
  private final JwtCallers callers = callers(this::clockOfTheVerifier);
  private final Gate gate =
      new Gate(
          SecurityProperties.Mode.TOKENS,
          new HostNames(List.of()),
          () -> new TokenSet(List.of(SampleTokens.token(SampleTokens.text("ci", 1)))),
          () -> now,
          callers);

  @AfterAll
  static void stop() {
    ISSUER.close();
  }

  private JwtCallers callers(InstantSource clock) {
    IssuerKeys keys = new IssuerKeys(ISSUER.issuer(), ISSUER::keys, () -> now);
    keys.prefetch();
    return new JwtCallers(new JwtVerifier(properties, keys, clock), () -> now);
  }

  /** Read twice for each token: when its times are checked, and after its claims were read. */
  private Instant clockOfTheVerifier() {
    verified.incrementAndGet();
    Error error = failure;
    if (error != null) {
      throw error;
    }
    return now;
  }

  private static Sender sender(String token) {
    return new Sender(null, true, "store.example", "Bearer " + token);
  }

  @Test
  void tokenIsVerifiedOnce() {
    String token = ISSUER.token(LATER, Map.of());
    assertThat(gate.identifyAtOnce(sender(token))).isNull();
    Caller caller = gate.identify(sender(token));
    assertThat(caller.id()).isEqualTo("oidc:somebody");
    int once = verified.get();
    assertThat(gate.identifyAtOnce(sender(token))).isSameAs(caller);
    assertThat(gate.identify(sender(token))).isSameAs(caller);
    assertThat(verified).hasValue(once);
  }

  @Test
  void resultIsNotUsedAfterTheTokenExpires() {
    String token = ISSUER.token(LATER, Map.of());
    Caller caller = gate.identify(sender(token));
    now = LATER.minusMillis(1);
    assertThat(gate.identifyAtOnce(sender(token))).isSameAs(caller);
    now = LATER;
    assertThat(gate.identifyAtOnce(sender(token))).isNull();
    assertThatThrownBy(() -> gate.identify(sender(token))).isInstanceOf(AccessDenied.class);
  }

  @Test
  void callerIsCurrentUntilTheTokenExpires() {
    Caller caller = gate.identify(sender(ISSUER.token(LATER, Map.of())));
    now = LATER.minusMillis(1);
    gate.requireCurrent(caller);
    now = LATER;
    assertThatThrownBy(() -> gate.requireCurrent(caller)).isInstanceOf(AccessDenied.class);
  }

  @Test
  void tokensOfTheFileAreLookedUpAsBefore() {
    String token = SampleTokens.text("ci", 1);
    assertThat(gate.identifyAtOnce(sender(token))).isNotNull();
    assertThat(gate.identify(sender(token)).id()).isEqualTo("ci");
    assertThatThrownBy(() -> gate.identifyAtOnce(sender(SampleTokens.text("ci", 2))))
        .isInstanceOf(AccessDenied.class);
    assertThatThrownBy(() -> gate.identifyAtOnce(new Sender(null, false, "localhost", null)))
        .isInstanceOf(AccessDenied.class)
        .hasMessageContaining("Bearer <token>");
    assertThat(verified).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "a",
        "a.b",
        "a.b.c.d",
        "a.b.c.d.e",
        ".a.b",
        "a.b.c=",
        "a.b c.d",
        "\u00e9.a.b"
      })
  void whatIsNoJwtIsNotVerified(String token) {
    assertThat(gate.identifyAtOnce(sender(token))).isNull();
    assertThatThrownBy(() -> gate.identify(sender(token)))
        .isInstanceOf(AccessDenied.class)
        .hasMessageContaining("nor a signed JWT");
  }

  @Test
  void longTokensAreRefused() {
    String token = "a.b." + "c".repeat(JwtCallers.MAX_LENGTH);
    assertThat(gate.identifyAtOnce(sender(token))).isNull();
    assertThatThrownBy(() -> gate.identify(sender(token))).hasMessageContaining("nor a signed JWT");
  }

  @Test
  void invalidTokensAreNotKept() {
    String token = ISSUER.token(LATER, Map.of("aud", "other"));
    for (int i = 0; i < 2; i++) {
      int before = verified.get();
      assertThatThrownBy(() -> gate.identify(sender(token))).isInstanceOf(AccessDenied.class);
      assertThat(verified.get()).isGreaterThan(before);
      assertThat(gate.identifyAtOnce(sender(token))).isNull();
    }
  }

  /** The next request is served. */
  @Test
  void errorMeansThatTheTokenCantBeVerifiedNow(CapturedOutput output) {
    String token = ISSUER.token(LATER, Map.of());
    failure = new OutOfMemoryError(token);
    for (int i = 0; i < 2 * JwtCallers.MAX_PENDING; i++) {
      assertThatThrownBy(() -> gate.identify(sender(token)))
          .isInstanceOf(VerificationUnavailable.class);
    }
    failure = null;
    assertThat(gate.identify(sender(token)).id()).isEqualTo("oidc:somebody");
    assertThat(output)
        .containsOnlyOnce("java.lang.OutOfMemoryError")
        .doesNotContain(token.substring(token.lastIndexOf('.')));
  }

  /** Verification waits for the processors that others use; many more are refused at once. */
  @Test
  void pendingVerificationsAreBounded() throws Exception {
    CompletableFuture<Void> go = new CompletableFuture<>();
    AtomicInteger running = new AtomicInteger();
    JwtCallers slow =
        callers(() -> {
          assertThat(running.incrementAndGet())
              .isLessThanOrEqualTo(Runtime.getRuntime().availableProcessors());
          go.join();
          running.decrementAndGet();
          return now;
        });
    String token = ISSUER.token(LATER, Map.of());
    int more = 10;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<Void> refused = new CompletableFuture<>();
      AtomicInteger refusals = new AtomicInteger();
      List<Future<?>> all =
          IntStream.range(0, JwtCallers.MAX_PENDING + more)
              .<Future<?>>mapToObj(_ ->
                  threads.submit(() -> {
                    try {
                      slow.verify(token);
                    } catch (VerificationUnavailable e) {
                      if (refusals.incrementAndGet() == more) {
                        refused.complete(null);
                      }
                    }
                  }))
              .toList();
      refused.join();
      go.complete(null);
      for (Future<?> each : all) {
        each.get();
      }
      assertThat(refusals).hasValue(more);
    }
  }

  @Test
  void callersHaveNoSecret() {
    String token = ISSUER.token(LATER, Map.of());
    Caller caller = gate.identify(sender(token));
    assertThat(caller + " " + sender(token))
        .doesNotContain(token.substring(0, 20))
        .doesNotContain(token.substring(token.length() - 20));
    assertThat(caller.remaining(now)).isEqualTo(Duration.ofMinutes(5));
  }
}
