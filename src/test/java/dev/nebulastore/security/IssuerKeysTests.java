package dev.nebulastore.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** When the keys of an issuer are fetched. */
@ExtendWith(OutputCaptureExtension.class)
class IssuerKeysTests {

  private static final JWK ONE = TestIssuer.ec("one").toPublicJWK();
  private static final JWK TWO = TestIssuer.ec("two").toPublicJWK();

  private Instant now = Instant.parse("2027-01-31T00:00:00Z");
  private volatile JWKSet published = new JWKSet(ONE);
  private volatile @Nullable Throwable failure;
  private final AtomicInteger fetches = new AtomicInteger();

  private final IssuerKeys keys = new IssuerKeys("https://issuer.example", this::fetch, () -> now);

  private JWKSet fetch() throws IssuerUnreachable {
    fetches.incrementAndGet();
    switch (failure) {
      case null -> {}
      case IssuerUnreachable unreachable -> throw unreachable;
      case Error error -> throw error;
      default -> throw new IllegalStateException(failure);
    }
    return published;
  }

  private static JWKSelector key(String id) {
    return new JWKSelector(new JWKMatcher.Builder().keyID(id).build());
  }

  private List<String> found(String id) {
    return key(id).select(keys.keysFor(key(id))).stream().map(JWK::getKeyID).toList();
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }

  @Test
  void keysAreFetchedOnce() {
    assertThat(keys.known().getKeys()).isEmpty();
    for (int i = 0; i < 100; i++) {
      assertThat(found("one")).containsExactly("one");
    }
    assertThat(fetches).hasValue(1);
    assertThat(keys.known().getKeys()).containsExactly(ONE);
  }

  @Test
  void keysCanBeFetchedBeforeTheFirstToken() {
    keys.prefetch();
    keys.prefetch();
    assertThat(keys.known().getKeys()).containsExactly(ONE);
    assertThat(fetches).hasValue(1);
  }

  @Test
  void unknownKeysAreLookedForAtIntervals() {
    assertThat(found("one")).hasSize(1);
    for (int i = 0; i < 1_000; i++) {
      assertThat(found("unknown-" + i)).isEmpty();
      pass(Duration.ofMillis(100));
    }
    // In 100 s.
    assertThat(fetches.get()).isBetween(9, 11);
  }

  @Test
  void newKeyIsFoundAfterThePause() {
    assertThat(found("one")).hasSize(1);
    published = new JWKSet(TWO);
    assertThat(found("two")).isEmpty();
    pass(IssuerKeys.PAUSE);
    assertThat(found("two")).containsExactly("two");
    assertThat(found("one")).isEmpty();
  }

  @Test
  void oldKeysAreFetchedAgain() {
    assertThat(found("one")).hasSize(1);
    published = new JWKSet(TWO);
    pass(IssuerKeys.REFRESH_AFTER);
    assertThat(found("one")).isEmpty();
    assertThat(fetches).hasValue(2);
  }

  @Test
  void outageKeepsTheKeysForAWhile(CapturedOutput output) {
    assertThat(found("one")).hasSize(1);
    failure = new IssuerUnreachable("no route");
    pass(IssuerKeys.REFRESH_AFTER);
    for (int minute = 5; minute < IssuerKeys.USABLE_FOR.toMinutes(); minute++) {
      assertThat(found("one")).hasSize(1);
      assertThat(keys.trouble().orElseThrow()).endsWith("can't be fetched: no route");
      pass(Duration.ofMinutes(1));
    }
    assertThatThrownBy(() -> found("one")).isInstanceOf(VerificationUnavailable.class);
    failure = null;
    assertThatThrownBy(() -> found("one")).isInstanceOf(VerificationUnavailable.class);
    pass(IssuerKeys.PAUSE);
    assertThat(found("one")).hasSize(1);
    assertThat(keys.trouble()).isEmpty();
    assertThat(output.getOut().split("WARN", -1)).hasSize(2);
    assertThat(output)
        .containsOnlyOnce("can't be fetched: no route")
        .containsOnlyOnce("were fetched again");
  }

  /** Nobody knows whether it is the issuer's. */
  @Test
  void unknownKeyDuringAnOutageIsNoWrongToken() {
    assertThat(found("one")).hasSize(1);
    pass(IssuerKeys.PAUSE);
    failure = new IssuerUnreachable("no route");
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> found("two")).isInstanceOf(VerificationUnavailable.class);
    }
    assertThat(found("one")).hasSize(1);
    assertThat(fetches).hasValue(2);
  }

  @Test
  void issuerThatIsDownIsAskedAtIntervals() {
    failure = new IssuerUnreachable("no route");
    for (int i = 0; i < 1_000; i++) {
      assertThatThrownBy(() -> found("one")).isInstanceOf(VerificationUnavailable.class);
      pass(Duration.ofMillis(100));
    }
    assertThat(fetches.get()).isBetween(9, 11);
  }

  @Test
  void errorIsAnOutage(CapturedOutput output) {
    failure = new OutOfMemoryError("test");
    assertThatThrownBy(() -> found("one")).isInstanceOf(VerificationUnavailable.class);
    failure = null;
    pass(IssuerKeys.PAUSE);
    assertThat(found("one")).hasSize(1);
    assertThat(output).contains("java.lang.OutOfMemoryError");
  }

  @Test
  void interruptedFetchIsNoOutage(CapturedOutput output) {
    IssuerKeys interrupted =
        new IssuerKeys(
            "https://issuer.example",
            () -> {
              if (fetches.incrementAndGet() == 1) {
                throw new InterruptedException();
              }
              return published;
            },
            () -> now);
    assertThatThrownBy(() -> interrupted.keysFor(key("one")))
        .isInstanceOf(VerificationUnavailable.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(interrupted.keysFor(key("one")).getKeys()).containsExactly(ONE);
    assertThat(output).doesNotContain("WARN");
  }

  @Test
  void smallStepsOfTheClockBackHaveNoEffect() {
    assertThat(found("one")).hasSize(1);
    pass(Duration.ofSeconds(-2));
    assertThat(found("one")).hasSize(1);
    assertThat(fetches).hasValue(1);
    pass(Duration.ofDays(-2));
    assertThat(found("one")).hasSize(1);
    assertThat(fetches).hasValue(2);
  }

  /** While one thread waits for new keys, the others use the old ones. */
  @Test
  void othersDoNotWaitForARefresh() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CompletableFuture<JWKSet> answer = new CompletableFuture<>();
    IssuerKeys slow =
        new IssuerKeys(
            "https://issuer.example",
            () -> {
              if (fetches.incrementAndGet() == 2) {
                asked.countDown();
                return answer.join();
              }
              return published;
            },
            () -> now);
    assertThat(slow.keysFor(key("one")).getKeys()).containsExactly(ONE);
    pass(IssuerKeys.REFRESH_AFTER);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<JWKSet> first = threads.submit(() -> slow.keysFor(key("one")));
      asked.await();
      assertThat(slow.keysFor(key("one")).getKeys()).containsExactly(ONE);
      answer.complete(new JWKSet(TWO));
      assertThat(first.get().getKeys()).containsExactly(TWO);
    }
    assertThat(fetches).hasValue(2);
  }

  /** One fetches; others wait for it, but not all. */
  @Test
  void fewWaitForTheFirstFetch() throws Exception {
    CompletableFuture<JWKSet> answer = new CompletableFuture<>();
    CountDownLatch refused = new CountDownLatch(100 - IssuerKeys.MAX_WAITING);
    IssuerKeys slow =
        new IssuerKeys(
            "https://issuer.example",
            () -> {
              fetches.incrementAndGet();
              return answer.join();
            },
            () -> now);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> asked =
          IntStream.range(0, 100)
              .mapToObj(_ ->
                  threads.submit(() -> {
                    try {
                      return slow.keysFor(key("one")).size();
                    } catch (VerificationUnavailable e) {
                      refused.countDown();
                      return 0;
                    }
                  }))
              .toList();
      refused.await();
      answer.complete(published);
      await().until(() -> asked.stream().allMatch(Future::isDone));
      assertThat(asked.stream().mapToInt(Future::resultNow).sum())
          .isEqualTo(IssuerKeys.MAX_WAITING);
    }
    assertThat(fetches).hasValue(1);
  }
}
