package dev.nebulastore.ops;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.lang.annotation.Annotation;
import java.net.InetAddress;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

/** Says what a setting may be, from its type and the bounds that stand at it. */
final class ValueDescription {

  private ValueDescription() {}

  /** Completes the sentence "It must be …". */
  static String of(Class<?> type, Annotation... constraints) {
    Class<?> plain = ClassUtils.resolvePrimitiveIfNecessary(type);
    String range = range(constraints);
    if (plain == Boolean.class) {
      return "true or false";
    }
    if (plain.isEnum()) {
      return Arrays.stream(plain.getEnumConstants())
          .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
          .collect(Collectors.joining(" or "));
    }
    if (plain == Integer.class || plain == Long.class || plain == Short.class) {
      return "a whole number" + range;
    }
    if (plain == Duration.class) {
      return "a duration" + (range.isEmpty() ? " such as 250ms, 30s or 5m" : range);
    }
    if (plain == DataSize.class) {
      return "a size such as 512KB, 1MB or 2GB";
    }
    if (plain == InetAddress.class) {
      return "an address, or a name that leads to one";
    }
    return "of the type " + plain.getSimpleName();
  }

  private static String range(Annotation... constraints) {
    String from = null;
    String to = null;
    for (Annotation constraint : constraints) {
      switch (constraint) {
        case Min min -> from = Long.toString(min.value());
        case Max max -> to = Long.toString(max.value());
        case DurationMin min -> from = text(duration(min));
        case DurationMax max -> to = text(duration(max));
        default -> {}
      }
    }
    return range(from, to);
  }

  private static String range(@Nullable String from, @Nullable String to) {
    if (from != null && to != null) {
      return " from " + from + " to " + to;
    }
    return from != null ? " of at least " + from : to != null ? " of at most " + to : "";
  }

  private static Duration duration(DurationMin min) {
    return Duration.ofDays(min.days())
        .plusHours(min.hours())
        .plusMinutes(min.minutes())
        .plusSeconds(min.seconds())
        .plusMillis(min.millis())
        .plusNanos(min.nanos());
  }

  private static Duration duration(DurationMax max) {
    return Duration.ofDays(max.days())
        .plusHours(max.hours())
        .plusMinutes(max.minutes())
        .plusSeconds(max.seconds())
        .plusMillis(max.millis())
        .plusNanos(max.nanos());
  }

  /** A duration as one writes it in a setting, in the largest unit that it is a multiple of. */
  private static String text(Duration duration) {
    record Unit(ChronoUnit unit, String suffix) {}
    return Stream.of(
            new Unit(ChronoUnit.DAYS, "d"),
            new Unit(ChronoUnit.HOURS, "h"),
            new Unit(ChronoUnit.MINUTES, "m"),
            new Unit(ChronoUnit.SECONDS, "s"),
            new Unit(ChronoUnit.MILLIS, "ms"))
        .filter(unit -> duration.toNanos() % unit.unit().getDuration().toNanos() == 0)
        .findFirst()
        .map(unit -> duration.dividedBy(unit.unit().getDuration()) + unit.suffix())
        .orElseGet(duration::toString);
  }
}
