package dev.nebulastore.storage.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.storage.rocksdb.ReclaimPlan.Step;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which range is compacted next. */
class ReclaimPlanTests {

  private static final long MEGA = 1L << 20;

  private static Table table(
      String name, int level, long megabytes, long puts, long deletes, String from, String to) {
    return new Table(
        name, level, megabytes * MEGA, puts + deletes, deletes, bytes(from), bytes(to));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static Optional<String> next(List<Table> tables, long alive, long room) {
    return new ReclaimPlan(tables, alive).next(room * MEGA, Set.of()).map(Step::table);
  }

  @Test
  void whereNothingIsDeadNothingIsDone() {
    List<Table> tables =
        List.of(table("1", 6, 64, 1_000, 0, "a", "m"), table("2", 0, 16, 200, 0, "a", "z"));
    assertThat(new ReclaimPlan(tables, 1_200).isWorthIt()).isFalse();
    assertThat(next(tables, 1_200, 1_000)).isEmpty();
  }

  @Test
  void deletesOfEverythingNeedNoSpace() {
    List<Table> tables =
        List.of(table("1", 6, 200, 1_000, 0, "a", "z"), table("2", 0, 1, 0, 1_000, "a", "z"));
    assertThat(new ReclaimPlan(tables, 0).isWorthIt()).isTrue();
    assertThat(next(tables, 0, 1)).contains("2");
  }

  @Test
  void whatNeedsMoreThanThereIsIsNotBegun() {
    List<Table> tables =
        List.of(table("1", 6, 200, 1_000, 0, "a", "z"), table("2", 0, 1, 0, 500, "a", "z"));
    assertThat(next(tables, 500, 99)).isEmpty();
    assertThat(next(tables, 500, 101)).contains("2");
  }

  @Test
  void whatNeedsTheLeastSpaceComesFirst() {
    List<Table> tables =
        List.of(
            table("1", 6, 64, 1_000, 0, "a", "m"),
            table("2", 6, 64, 1_000, 0, "n", "z"),
            table("3", 5, 1, 0, 200, "a", "c"),
            table("4", 5, 1, 0, 1_000, "n", "z"));
    ReclaimPlan plan = new ReclaimPlan(tables, 0);
    assertThat(plan.next(MEGA << 10, Set.of()).map(Step::table)).contains("4");
    assertThat(plan.next(MEGA << 10, Set.of("4")).map(Step::table)).contains("3");
    assertThat(plan.next(MEGA << 10, Set.of("3", "4"))).isEmpty();
  }

  @Test
  void overwrittenEntriesAreCompactedToo() {
    List<Table> tables =
        List.of(table("1", 6, 64, 1_000, 0, "a", "z"), table("2", 0, 16, 1_000, 0, "a", "z"));
    assertThat(new ReclaimPlan(tables, 1_000).isWorthIt()).isTrue();
    assertThat(next(tables, 1_000, 100)).contains("2");
  }

  /**
   * As RocksDB selects them: older files of the first level may contain what a newer one deletes.
   */
  @Test
  void tablesOfTheFirstLevelThatOverlapAreTakenTogether() {
    List<Table> tables =
        List.of(
            table("1", 0, 10, 100, 0, "c", "k"),
            table("2", 0, 10, 0, 100, "a", "d"),
            table("3", 6, 10, 100, 0, "j", "z"),
            table("4", 6, 10, 100, 0, "x", "z"));
    Step step = new ReclaimPlan(tables, 0).next(MEGA << 10, Set.of()).orElseThrow();
    assertThat(step.from()).isEqualTo(bytes("a"));
    assertThat(step.to()).isEqualTo(bytes("k"));
    assertThat(step.bytes()).isEqualTo(30 * MEGA);
  }
}
