package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.nebulastore.api.ApiProperties.Limits;
import dev.nebulastore.api.ApiProperties.PerCaller;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.unit.DataSize;

class LimitsTests {

  private static final DataSize TRANSACTION = DataSize.ofMegabytes(4);
  private static final PerCaller UNLIMITED = new PerCaller(null, null, null, null, null);

  @ParameterizedTest
  @CsvSource({"1, 32", "16, 160", "64, 448"})
  void aHeapServesValuesUpToASizeThatDependsOnIt(int valueSize, int heap) {
    DataSize size = DataSize.ofMegabytes(valueSize);
    assertThatCode(() -> Limits.requireHeap(size, (long) heap << 20)).doesNotThrowAnyException();
    assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
        .isThrownBy(
            () -> Limits.requireHeap(DataSize.ofBytes(size.toBytes() + 1), (long) heap << 20));
  }

  @Test
  void theRefusalSaysWhatHeapIsNeeded() {
    assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
        .isThrownBy(() -> Limits.requireHeap(DataSize.ofMegabytes(32), 160 << 20))
        .extracting(InvalidConfigurationPropertyValueException::getReason)
        .isEqualTo(
            "must be at most 16MB with a heap of 160MB; for this size it takes 256MB" + " (-Xmx)");
  }

  /** Including the copy that is made while reading. Each takes whole regions of the heap. */
  @Test
  void theMemoryOfContentsHoldsTheLargestValueTwice() {
    DataSize value = DataSize.ofMegabytes(2);
    assertThatCode(() ->
            new Limits(
                value, TRANSACTION, 128, null, null, null, DataSize.ofMegabytes(6), UNLIMITED))
        .doesNotThrowAnyException();
    assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
        .isThrownBy(() ->
            new Limits(
                value, TRANSACTION, 128, null, null, null, DataSize.ofMegabytes(5), UNLIMITED))
        .extracting(InvalidConfigurationPropertyValueException::getReason)
        .asString()
        .contains("6MB");
  }

  @Test
  void oneCallersMemoryHoldsTheLargestValueTwice() {
    DataSize value = DataSize.ofMegabytes(2);
    assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
        .isThrownBy(
            () -> new Limits(value, TRANSACTION, 128, null, null, null, null, withMemory(5)))
        .extracting(InvalidConfigurationPropertyValueException::getReason)
        .asString()
        .contains("at least 6MB");
    assertThatCode(() -> new Limits(value, TRANSACTION, 128, null, null, null, null, withMemory(6)))
        .doesNotThrowAnyException();
  }

  private static PerCaller withMemory(int megabytes) {
    return new PerCaller(null, null, null, null, DataSize.ofMegabytes(megabytes));
  }

  private static Limits connections(@Nullable Integer connections) {
    return new Limits(
        DataSize.ofMegabytes(1), TRANSACTION, 128, null, connections, null, null, UNLIMITED);
  }

  /** Tomcat keeps 72 KB for one with TLS, so that the default of others would fill the heap. */
  @Test
  void connectionsWithTlsAreReckonedWithTheirBuffers() {
    long heap = 160L << 20;
    assertThat(connections(null).connectionsOrDefault(false, heap)).isEqualTo(10_240);
    assertThat(connections(null).connectionsOrDefault(true, heap)).isEqualTo(1_024);
    assertThat(connections(5_000).connectionsOrDefault(true, heap)).isEqualTo(5_000);
    assertThat(connections(null).connectionsOrDefault(true, heap << 10)).isEqualTo(16_384);
  }

  @Test
  void moreConnectionsThanTheHeapIsForAreDoubtful() {
    long heap = 160L << 20;
    assertThat(connections(null).doubtfulConnections(true, 16 << 20)).isEmpty();
    assertThat(connections(1_024).doubtfulConnections(true, heap)).isEmpty();
    assertThat(connections(10_240).doubtfulConnections(false, heap)).isEmpty();
    assertThat(connections(10_241).doubtfulConnections(false, heap)).isPresent();
    assertThat(connections(1_025).doubtfulConnections(true, heap))
        .hasValue(
            "nebula.limits.connections is 1025, which may be too many for a heap of 160MB: over"
                + " TLS it is enough for 1024, with 160KB for each");
  }
}
