package dev.nebulastore.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MissRateTests {

  private static final int MANY = 1_000;

  private final MissRate rate = new MissRate();

  /** Looks up keys of which every nth is in memory; returns the number of look-ups. */
  private int looks(int hitEvery) {
    int looks = 0;
    for (int i = 0; i < MANY; i++) {
      if (!rate.isLookInVain()) {
        looks++;
        rate.count(i % hitEvery != 0);
      }
    }
    return looks;
  }

  @Test
  void looksInMemoryWhereHalfAreHits() {
    assertThat(looks(1)).isEqualTo(MANY);
    assertThat(looks(2)).isEqualTo(MANY);
  }

  @Test
  void rarelyLooksInMemoryWhereMostAreMisses() {
    looks(MANY);
    assertThat(looks(MANY)).isBetween(MANY / MissRate.SAMPLED - 1, MANY / MissRate.SAMPLED + 1);
  }

  @Test
  void looksAgainSoonAfterHitsReturn() {
    looks(MANY);
    looks(1);
    assertThat(looks(1)).isEqualTo(MANY);
  }
}
