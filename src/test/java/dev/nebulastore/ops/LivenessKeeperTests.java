package dev.nebulastore.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.shard.ShardWorkers;
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

/** When the process says that it is broken, on simulated time. */
class LivenessKeeperTests {

  private static final int SHARDS = 3;

  private final StaticListableBeanFactory beans = new StaticListableBeanFactory();
  private final List<AvailabilityState> told = new ArrayList<>();
  private final LivenessKeeper keeper =
      new LivenessKeeper(
          beans.getBeanProvider(ShardWorkers.class),
          event -> told.add(((AvailabilityChangeEvent<?>) event).getState()));
  // The least of chance, so that each rests for as long as the others.
  private final Supervised house = new Supervised(SHARDS, () -> 0, List.of(keeper));

  @BeforeEach
  void showTheTable() {
    beans.addBean("shardWorkers", house.workers);
  }

  @AfterEach
  void close() {
    house.close();
  }

  private void setAside(int shards) {
    for (int shard = 0; shard < shards; shard++) {
      house.killUntilAside(shard);
    }
  }

  @Test
  void processIsNotBrokenWhileOneShardServes() {
    setAside(SHARDS - 1);
    house.kill(SHARDS - 1);
    assertThat(told).isEmpty();
  }

  @Test
  void processIsBrokenWhenTheLastShardIsSetAside() {
    setAside(SHARDS);
    assertThat(told).containsExactly(LivenessState.BROKEN);
  }

  @Test
  void processIsCorrectAgainWhenTheFirstShardIsBack() {
    setAside(SHARDS - 1);
    house.pass(Duration.ofSeconds(1));
    setAside(SHARDS);
    house.pass(house.rest(0).minusSeconds(1));
    assertThat(house.isAside(SHARDS - 1)).isTrue();
    assertThat(told).startsWith(LivenessState.BROKEN, LivenessState.CORRECT);
    assertThat(told.subList(1, told.size())).containsOnly(LivenessState.CORRECT);
  }

  @Test
  void processIsBrokenWhileNoVirtualThreadRuns() {
    keeper.carriersHeld(true);
    assertThat(told).containsExactly(LivenessState.BROKEN);
    setAside(SHARDS);
    keeper.carriersHeld(false);
    assertThat(told).as("all shards are still quarantined").containsOnly(LivenessState.BROKEN);
    keeper.revived(0);
    assertThat(told).endsWith(LivenessState.CORRECT);
  }

  @Test
  void processThatNeverRestedLongEnoughIsBrokenAgainByARelapse() {
    setAside(SHARDS);
    house.pass(house.rest(0));
    told.clear();
    setAside(SHARDS);
    assertThat(told).containsExactly(LivenessState.BROKEN);
  }
}
