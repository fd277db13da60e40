package dev.nebulastore.ring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which keys move from which member to which when one ring replaces another. */
class MovesTests {

  private static final int SAMPLE = 200_000;

  @ParameterizedTest
  @CsvSource({"1, 2, 512", "4, 8, 512", "5, 6, 512", "8, 3, 512", "7, 1, 64", "3, 40, 16"})
  void movesAreThoseOfTheKeysAndNoMoreThanTheyMust(int from, int to, int virtualPoints) {
    HashRing before = HashRing.ofShards(from, virtualPoints);
    HashRing after = HashRing.ofShards(to, virtualPoints);
    Map<Transfer, Double> moves = before.moves(after);
    Map<Transfer, Double> seen = new TreeMap<>();
    for (int i = 0; i < SAMPLE; i++) {
      byte[] key = ("key" + i).getBytes(UTF_8);
      Transfer move = new Transfer(before.ownerOf(key), after.ownerOf(key));
      if (move.source() != move.target()) {
        seen.merge(move, 1.0 / SAMPLE, Double::sum);
      }
    }
    assertThat(moves.keySet()).containsAll(seen.keySet());
    moves.forEach((move, share) -> {
      assertThat(seen.getOrDefault(move, 0.0)).as("%s", move).isCloseTo(share, within(0.005));
      assertThat(from < to ? move.target() >= from : move.source() >= to).as("%s", move).isTrue();
    });
    assertThat(total(moves)).isCloseTo(shareOfTheNewOrTheGone(before, after), within(1e-9));
  }

  /** The total is exactly the share of the members that are on only one of the two rings. */
  private static double shareOfTheNewOrTheGone(HashRing before, HashRing after) {
    HashRing greater = before.weights().size() > after.weights().size() ? before : after;
    HashRing lesser = greater == before ? after : before;
    return greater.shares().entrySet().stream()
        .filter(share -> !lesser.weights().containsKey(share.getKey()))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  private static double total(Map<Transfer, Double> moves) {
    return moves.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  @Test
  void nothingMovesToAnEqualRing() {
    assertThat(HashRing.ofShards(5, 64).moves(HashRing.ofShards(5, 64))).isEmpty();
  }
}
