package dev.nebulastore.ring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Owners that must never change: every process and every run must agree on them (invariant 8.1).
 * They were computed by another program, in another language, with the reference xxHash 0.8.1.
 */
class HashRingVectorsTests {

  private static final HashRing FIVE = HashRing.ofShards(5, 512);
  private static final HashRing SIXTEEN = HashRing.ofShards(16, 512);
  private static final HashRing WEIGHTED = HashRing.of(Map.of(2, 1, 7, 3, 11, 2), 64);

  static Stream<Arguments> vectors() {
    return Stream.of(
        vector("", 0x2D06800538D394C2L, 0, 12, 2),
        vector("a", 0xE6C632B61E964E1FL, 1, 10, 11),
        vector("b", 0x575A0B1C44D8843FL, 2, 6, 2),
        vector("a/b", 0x48F71E9475860604L, 2, 2, 11),
        vector("a//b", 0xC1F619784AD9CFA8L, 4, 13, 11),
        vector("/a", 0xE292AB48A6B06805L, 0, 0, 7),
        vector("+;", 0xD7767776A1F63847L, 4, 12, 7),
        vector("user:42", 0x9FC1E605FA7174AAL, 2, 7, 7),
        vector("100%25", 0x08CE7B78F48EF542L, 1, 12, 7),
        vector("\u00e9", 0xF7940A006CF10CB3L, 4, 7, 7),
        vector("e\u0301", 0xDC0BA6F9447885A8L, 2, 2, 7),
        vector("\u65e5\u672c\u8a9e", 0x11FEC42C806050B7L, 3, 3, 7),
        vector("\ud83d\ude00", 0x0B4FECF421A0808EL, 2, 12, 7),
        vector("k".repeat(17), 0x04FFF59D43A9EEC1L, 1, 12, 7),
        vector("k".repeat(129), 0x99341F95FE4B04BEL, 1, 10, 7),
        vector("k".repeat(241), 0x26D43597C3347BA2L, 2, 2, 11),
        vector("k".repeat(1024), 0x686D3DE82E988280L, 1, 6, 11));
  }

  private static Arguments vector(String key, long hash, int five, int sixteen, int weighted) {
    return Arguments.of(key, hash, five, sixteen, weighted);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void aKeyStaysWhereItIs(String key, long hash, int five, int sixteen, int weighted) {
    byte[] bytes = key.getBytes(UTF_8);
    assertThat(RingSample.xxh3(key)).isEqualTo(hash);
    assertThat(FIVE.ownerOf(bytes)).isEqualTo(five).isEqualTo(FIVE.ownerAt(hash));
    assertThat(SIXTEEN.ownerOf(bytes)).isEqualTo(sixteen).isEqualTo(SIXTEEN.ownerAt(hash));
    assertThat(WEIGHTED.ownerOf(bytes)).isEqualTo(weighted).isEqualTo(WEIGHTED.ownerAt(hash));
  }

  @Test
  void aPointIsTheHashOfMemberAndReplica() {
    HashRing ring = HashRing.of(Map.of(0, 1, 1, 1), 1);
    long zero = 0x5DAA1CEAFBF1854CL; // of "0#0"
    assertThat(ring.ownerAt(zero)).isZero();
    assertThat(ring.ownerAt(zero + 1)).isEqualTo(1);
  }

  @Test
  void aLookUpAllocatesNothing() {
    byte[] key = "k".repeat(1024).getBytes(UTF_8);
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long warmUp = ownersAddedUp(key) + threads.getCurrentThreadAllocatedBytes();
    long before = threads.getCurrentThreadAllocatedBytes();
    long owners = ownersAddedUp(key);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).as("bytes for 1000 look-ups").isLessThan(1_000);
    assertThat(warmUp).isGreaterThan(owners);
  }

  private static long ownersAddedUp(byte[] key) {
    long owners = 0;
    for (int i = 0; i < 1_000; i++) {
      owners += SIXTEEN.ownerOf(key);
    }
    return owners;
  }
}
