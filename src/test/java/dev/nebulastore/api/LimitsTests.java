package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.nebulastore.api.ApiProperties.Limits;
import dev.nebulastore.api.ApiProperties.PerCaller;
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
    assertThatCode(
            () -> new Limits(value, TRANSACTION, null, null, DataSize.ofMegabytes(6), UNLIMITED))
        .doesNotThrowAnyException();
    assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
        .isThrownBy(
            () -> new Limits(value, TRANSACTION, null, null, DataSize.ofMegabytes(5), UNLIMITED))
        .extracting(InvalidConfigurationPropertyValueException::getReason)
        .asString()
        .contains("6MB");
  }

  @Test
  void oneCallersMemoryHoldsTheLargestValueTwice() {
    DataSize value = DataSize.ofMegabytes(2);
    assertThatExceptionOfType(InvalidConfigurationPropertyValueException.class)
        .isThrownBy(() -> new Limits(value, TRANSACTION, null, null, null, withMemory(5)))
        .extracting(InvalidConfigurationPropertyValueException::getReason)
        .asString()
        .contains("at least 6MB");
    assertThatCode(() -> new Limits(value, TRANSACTION, null, null, null, withMemory(6)))
        .doesNotThrowAnyException();
  }

  private static PerCaller withMemory(int megabytes) {
    return new PerCaller(null, null, null, null, DataSize.ofMegabytes(megabytes));
  }
}
