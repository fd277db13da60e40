package dev.nebulastore.ops.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.shard.ShardRegistry;
import dev.nebulastore.supervision.Supervised;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.AvailabilityState;
import org.springframework.boot.availability.LivenessState;

/** When liveness is broken, on simulated time. */
class LivenessKeeperTests {

  private static final int SHARDS = 3;

  private final StaticListableBeanFactory beans = new StaticListableBeanFactory();
  private final List<AvailabilityState> told = new ArrayList<>();
  private final LivenessKeeper keeper =
      new LivenessKeeper(
          beans.getBeanProvider(ShardRegistry.class),
          event -> told.add(((AvailabilityChangeEvent<?>) event).getState()));
  // A fixed random number, so that all retry delays are equal.
  private final Supervised house = new Supervised(SHARDS, () -> 0, List.of(keeper));

  @BeforeEach
  void showTheTable() {
    beans.addBean("shardRegistry", house.registry);
  }

  @AfterEach
  void close() {
    house.close();
  }

  private void quarantine(int shards) {
    for (int shard = 0; shard < shards; shard++) {
      house.killUntilQuarantined(shard);
    }
  }

  @Test
  void livenessIsCorrectWhileOneShardServes() {
    quarantine(SHARDS - 1);
    house.kill(SHARDS - 1);
    assertThat(told).isEmpty();
  }

  @Test
  void livenessIsBrokenWhenTheLastShardIsQuarantined() {
    quarantine(SHARDS);
    assertThat(told).containsExactly(LivenessState.BROKEN);
  }

  @Test
  void livenessIsCorrectAgainWhenOneShardIsBack() {
    quarantine(SHARDS - 1);
    house.pass(Duration.ofSeconds(1));
    quarantine(SHARDS);
    house.pass(house.quarantine(0).minusSeconds(1));
    assertThat(house.isQuarantined(SHARDS - 1)).isTrue();
    assertThat(told).startsWith(LivenessState.BROKEN, LivenessState.CORRECT);
    assertThat(told.subList(1, told.size())).containsOnly(LivenessState.CORRECT);
  }

  @Test
  void livenessIsBrokenWhileNoVirtualThreadRuns() {
    keeper.carriersHeld(true);
    assertThat(told).containsExactly(LivenessState.BROKEN);
    quarantine(SHARDS);
    keeper.carriersHeld(false);
    assertThat(told).as("all shards are still quarantined").containsOnly(LivenessState.BROKEN);
    keeper.revived(0);
    assertThat(told).endsWith(LivenessState.CORRECT);
  }

  @Test
  void livenessIsBrokenAgainByARelapse() {
    quarantine(SHARDS);
    house.pass(house.quarantine(0));
    told.clear();
    quarantine(SHARDS);
    assertThat(told).containsExactly(LivenessState.BROKEN);
  }
}
