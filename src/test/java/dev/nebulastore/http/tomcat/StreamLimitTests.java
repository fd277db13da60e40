package dev.nebulastore.http.tomcat;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.http.tomcat.StreamLimit.Place;
import org.junit.jupiter.api.Test;

class StreamLimitTests {

  private final StreamLimit limit = new StreamLimit(16);

  private Place begin(boolean withBody) {
    return requireNonNull(limit.begin(withBody));
  }

  @Test
  void anEighthHasRoomForBodies() {
    assertThat(begin(true).takesBody()).isTrue();
    Place second = begin(true);
    assertThat(second.takesBody()).isTrue();
    assertThat(begin(true).takesBody()).isFalse();
    assertThat(begin(false).takesBody()).isTrue();
    second.end();
    assertThat(begin(true).takesBody()).isTrue();
  }

  @Test
  void thereIsNoPlaceBeyondTheLimit() {
    Place first = begin(false);
    for (int i = 1; i < 16; i++) {
      begin(i % 2 == 0);
    }
    assertThat(limit.begin(false)).isNull();
    first.end();
    assertThat(limit.begin(false)).isNotNull();
    assertThat(limit.begin(false)).isNull();
  }

  @Test
  void aPlaceIsGivenBackOnce() {
    Place place = begin(true);
    place.end();
    place.end();
    place.endUnserved();
    for (int i = 0; i < 16; i++) {
      assertThat(begin(true).takesBody()).isEqualTo(i < 2);
    }
    assertThat(limit.begin(true)).isNull();
  }

  @Test
  void aServedPlaceStaysWhenItsConnectionEnds() {
    Place served = begin(true);
    Place waiting = begin(true);
    assertThat(served.serve()).isTrue();
    served.endUnserved();
    waiting.endUnserved();
    assertThat(waiting.serve()).isFalse();
    assertThat(begin(true).takesBody()).isTrue();
    assertThat(begin(true).takesBody()).isFalse();
    served.end();
    assertThat(begin(true).takesBody()).isTrue();
  }
}
