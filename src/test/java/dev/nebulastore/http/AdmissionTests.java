package dev.nebulastore.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nebulastore.http.ReservedHead.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdmissionTests {

  private static final Duration HEAD_TIMEOUT = Duration.ofSeconds(20);

  private final AtomicLong nanoTime = new AtomicLong();
  private final Admission admission = new Admission(2, 10, HEAD_TIMEOUT, nanoTime::get);
  private final List<String> givenUp = new ArrayList<>();
  private final Map<String, @Nullable AdmissionPermit> permits = new HashMap<>();

  /** Releases its permit as soon as it is evicted. */
  private @Nullable AdmissionPermit enter(String name) {
    AdmissionPermit permit =
        admission.enter(() -> {
          givenUp.add(name);
          admission.leave(Objects.requireNonNull(permits.get(name)));
        });
    if (permit != null) {
      permits.put(name, permit);
    }
    return permit;
  }

  private AdmissionPermit entered(String name) {
    return Objects.requireNonNull(enter(name), name);
  }

  @Test
  void refusesRequestsBeyondTheLimit() {
    AdmissionPermit first = entered("first");
    var _ = entered("second");
    assertThat(enter("third")).isNull();
    assertThat(admission.requests()).isEqualTo(2);
    admission.leave(first);
    var _ = entered("fourth");
    assertThat(admission.requests()).isEqualTo(2);
    assertThat(givenUp).isEmpty();
  }

  private Thread startLate() {
    Thread late =
        Thread.ofPlatform().start(() -> permits.put("late", admission.enterLate(() -> {})));
    await().until(() -> late.getState() == Thread.State.TIMED_WAITING || !late.isAlive());
    return late;
  }

  /** More requests arrive at once than may be in flight. The others are served later. */
  @Test
  void lateRequestWaitsForAPermit() throws InterruptedException {
    AdmissionPermit first = entered("first");
    var _ = entered("second");
    Thread late = startLate();
    nanoTime.set(Admission.STANDSTILL - 1);
    admission.leave(first);
    late.join();
    assertThat(permits.get("late")).isNotNull();
    assertThat(admission.requests()).isEqualTo(2);
  }

  @Test
  void lateRequestIsRefusedIfNobodyIsAdmitted() throws InterruptedException {
    var _ = entered("first");
    var _ = entered("second");
    Thread late = startLate();
    nanoTime.set(Admission.STANDSTILL);
    late.join();
    assertThat(permits).containsEntry("late", null);
    assertThat(admission.requests()).isEqualTo(2);
  }

  /** Each waiting request holds a processor of Tomcat. */
  @Test
  void onlyHalfAsManyRequestsWait() throws InterruptedException {
    AdmissionPermit first = entered("first");
    var _ = entered("second");
    Thread late = startLate();
    assertThat(admission.enterLate(() -> {})).isNull();
    admission.leave(first);
    late.join();
    assertThat(permits.get("late")).isNotNull();
  }

  @Test
  void errorsLoseNoPermit() {
    AdmissionPermit slow =
        Objects.requireNonNull(
            admission.enter(() -> {
              throw new StackOverflowError();
            }));
    slow.isIncomplete();
    AdmissionPermit other = entered("other");
    assertThatThrownBy(() -> enter("third")).isInstanceOf(StackOverflowError.class);
    admission.leave(slow);
    admission.leave(other);
    assertThat(admission.requests()).isZero();
  }

  @Test
  void probesHaveReservedPermits() {
    var _ = entered("first");
    var _ = entered("second");
    List<AdmissionPermit> probes = new ArrayList<>();
    for (int i = 0; i < Admission.RESERVED; i++) {
      probes.add(Objects.requireNonNull(admission.enterReserved(Kind.PROBE)));
    }
    assertThat(admission.enterReserved(Kind.PROBE)).isNull();
    assertThat(admission.enterReserved(Kind.SCRAPE)).isNull();
    assertThat(admission.requests()).as("probes take no ordinary permits").isEqualTo(2);
    assertThat(enter("third")).as("other requests take no reserved permits").isNull();
    admission.leave(probes.getFirst());
    assertThat(admission.enterReserved(Kind.PROBE)).isNotNull();
    assertThat(admission.enterReserved(Kind.PROBE)).isNull();
  }

  @Test
  void scrapesLeavePermitsToProbes() {
    List<AdmissionPermit> scrapes = new ArrayList<>();
    for (int i = 0; i < Admission.RESERVED_FOR_SCRAPES; i++) {
      scrapes.add(Objects.requireNonNull(admission.enterReserved(Kind.SCRAPE)));
    }
    assertThat(admission.enterReserved(Kind.SCRAPE)).isNull();
    assertThat(admission.enterReserved(Kind.PROBE)).isNotNull();
    admission.leave(scrapes.getFirst());
    assertThat(admission.enterReserved(Kind.SCRAPE)).isNotNull();
  }

  @Test
  void slowSenderIsEvictedOnDemand() {
    AdmissionPermit first = entered("first");
    assertThat(admission.evictSlowSender()).isFalse();
    first.isIncomplete();
    assertThat(admission.evictSlowSender()).isTrue();
    assertThat(givenUp).containsExactly("first");
    assertThat(admission.evictSlowSender()).isFalse();
  }

  @Test
  void oldestIncompleteRequestIsEvicted() {
    AdmissionPermit first = entered("first");
    AdmissionPermit second = entered("second");
    second.isIncomplete();
    first.isIncomplete();
    // Progress does not reset the age of an incomplete request.
    assertThat(first.goesOn()).isTrue();
    first.isIncomplete();
    var _ = entered("third");
    assertThat(givenUp).containsExactly("first");
    var _ = entered("fourth");
    assertThat(givenUp).containsExactly("first", "second");
    assertThat(enter("fifth")).isNull();
    assertThat(first.goesOn()).isFalse();
    assertThat(admission.requests()).isEqualTo(2);
  }

  /** Otherwise clients that arrive faster than others leave would exhaust the heap. */
  @Test
  void newRequestWaitsUntilTheEvictedOneHasLeft() throws InterruptedException {
    AdmissionPermit slow = Objects.requireNonNull(admission.enter(() -> {}));
    var _ = entered("second");
    slow.isIncomplete();
    Thread next = Thread.ofPlatform().start(() -> entered("next"));
    await().until(() -> next.getState() == Thread.State.TIMED_WAITING || !next.isAlive());
    assertThat(next.isAlive()).isTrue();
    assertThat(admission.requests()).as("including the evicted one").isEqualTo(3);
    assertThat(admission.enterFast(() -> {})).isNull();
    admission.leave(slow);
    next.join();
    assertThat(permits.get("next")).isNotNull();
    assertThat(admission.requests()).isEqualTo(2);
  }

  @Test
  void fewNewRequestsNeedNotWait() {
    Admission roomy = new Admission(16, 100, HEAD_TIMEOUT, nanoTime::get);
    List<AdmissionPermit> slow = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      AdmissionPermit permit = Objects.requireNonNull(roomy.enter(() -> {}));
      permit.isIncomplete();
      slow.add(permit);
    }
    for (int i = 0; i < 4; i++) {
      assertThat(roomy.enter(() -> {})).isNotNull();
    }
    assertThat(roomy.requests()).isEqualTo(20);
    roomy.leave(slow.getFirst());
    assertThat(roomy.requests()).isEqualTo(19);
    assertThat(roomy.enterFast(() -> {})).as("its permit was taken").isNull();
    for (AdmissionPermit permit : slow.subList(1, 16)) {
      roomy.leave(permit);
    }
    assertThat(roomy.requests()).as("the latest four").isEqualTo(4);
  }

  @Test
  void servedRequestsAreNotEvicted() {
    AdmissionPermit first = entered("first");
    AdmissionPermit second = entered("second");
    first.isIncomplete();
    assertThat(first.goesOn()).isTrue();
    second.isIncomplete();
    admission.leave(second);
    var _ = entered("third");
    assertThat(enter("fourth")).isNull();
    assertThat(givenUp).isEmpty();
  }

  @Test
  void headsHaveATimeout() {
    long began = 1_000;
    nanoTime.set(began + HEAD_TIMEOUT.toNanos());
    assertThat(admission.hasTime(began)).isTrue();
    nanoTime.addAndGet(1);
    assertThat(admission.hasTime(began)).isFalse();
    Admission patient = new Admission(2, 10, Duration.ofMillis(-1), nanoTime::get);
    assertThat(patient.hasTime(began)).isTrue();
  }
}
