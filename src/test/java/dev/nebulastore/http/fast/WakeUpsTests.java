package dev.nebulastore.http.fast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WakeUpsTests {

  private final WakeUps wakeUps = new WakeUps();
  private final AtomicInteger woken = new AtomicInteger();

  @Test
  void wakeUpsArePutOffUntilTheyAreRun() {
    wakeUps.execute(woken::incrementAndGet);
    wakeUps.execute(woken::incrementAndGet);
    assertThat(woken).hasValue(0);
    wakeUps.run();
    wakeUps.run();
    assertThat(woken).hasValue(2);
  }

  @Test
  void noMoreThanSoManyArePutOff() {
    for (int i = 0; i < WakeUps.MAX + 1; i++) {
      wakeUps.execute(woken::incrementAndGet);
    }
    assertThat(woken).hasValue(WakeUps.MAX);
  }

  @Test
  void failureLeavesTheOthersToTheNextRun() {
    wakeUps.execute(woken::incrementAndGet);
    wakeUps.execute(() -> {
      throw new OutOfMemoryError("planted");
    });
    assertThatThrownBy(wakeUps::run).hasMessage("planted");
    wakeUps.run();
    assertThat(woken).hasValue(1);
  }
}
