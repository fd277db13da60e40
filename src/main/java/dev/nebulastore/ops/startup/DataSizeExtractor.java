package dev.nebulastore.ops.startup;

import jakarta.validation.valueextraction.ExtractedValue;
import jakarta.validation.valueextraction.UnwrapByDefault;
import jakarta.validation.valueextraction.ValueExtractor;
import org.springframework.util.unit.DataSize;

/**
 * Lets {@code @Min} and {@code @Max} limit a {@link DataSize}, in bytes. Bean Validation finds it
 * as a service.
 *
 * <p>Threads: immutable.
 */
@UnwrapByDefault
public final class DataSizeExtractor
    implements ValueExtractor<@ExtractedValue(type = Long.class) DataSize> {

  @Override
  public void extractValues(DataSize size, ValueReceiver receiver) {
    receiver.value(null, size.toBytes());
  }
}
