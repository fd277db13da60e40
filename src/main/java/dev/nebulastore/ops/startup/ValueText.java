package dev.nebulastore.ops.startup;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.format.annotation.DurationFormat.Style;
import org.springframework.format.datetime.standard.DurationFormatterUtils;
import org.springframework.util.unit.DataSize;

/** Prints durations and sizes as they are written in a setting: 250ms, 1MB. */
final class ValueText {

  private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB"};

  private ValueText() {}

  static String of(@Nullable Object value) {
    return switch (value) {
      case Duration duration -> DurationFormatterUtils.print(duration, Style.COMPOSITE);
      case DataSize size -> size(size.toBytes());
      case null -> "";
      default -> value.toString();
    };
  }

  /** In the largest unit of which it is a multiple. */
  static String size(long bytes) {
    if (bytes == 0) {
      return "0";
    }
    int unit = Math.min(Long.numberOfTrailingZeros(bytes) / 10, UNITS.length - 1);
    return (bytes >> (10 * unit)) + UNITS[unit];
  }
}
