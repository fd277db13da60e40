package dev.nebulastore.ops.startup;

import static java.time.temporal.ChronoUnit.DAYS;
import static java.time.temporal.ChronoUnit.HOURS;
import static java.time.temporal.ChronoUnit.MILLIS;
import static java.time.temporal.ChronoUnit.MINUTES;
import static java.time.temporal.ChronoUnit.NANOS;
import static java.time.temporal.ChronoUnit.SECONDS;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.lang.annotation.Annotation;
import java.net.InetAddress;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

/** Describes the values that a setting accepts, by its type and constraints. */
final class ValueDescription {

  private ValueDescription() {}

  /** Completes the sentence "It must be …". */
  static String of(Class<?> type, Annotation... constraints) {
    Class<?> plain = ClassUtils.resolvePrimitiveIfNecessary(type);
    if (plain == Boolean.class) {
      return "true or false";
    }
    if (plain.isEnum()) {
      return Arrays.stream(plain.getEnumConstants())
          .map(constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-'))
          .collect(Collectors.joining(" or "));
    }
    if (plain == Integer.class || plain == Long.class || plain == Short.class) {
      return "a whole number" + range("", Long::toString, constraints);
    }
    if (plain == Duration.class) {
      return "a duration" + range(" such as 250ms, 30s or 5m", Long::toString, constraints);
    }
    if (plain == DataSize.class) {
      return "a size" + range(" such as 512KB, 1MB or 2GB", ValueText::size, constraints);
    }
    if (plain == InetAddress.class) {
      return "an IP address or a host name";
    }
    return "of the type " + plain.getSimpleName();
  }

  private static String range(
      String unbounded, LongFunction<String> text, Annotation... constraints) {
    String from = null;
    String to = null;
    for (Annotation constraint : constraints) {
      switch (constraint) {
        case Min min -> from = text.apply(min.value());
        case Max max -> to = text.apply(max.value());
        case DurationMin _ -> from = ValueText.of(duration(constraint));
        case DurationMax _ -> to = ValueText.of(duration(constraint));
        default -> {}
      }
    }
    return range(unbounded, from, to);
  }

  private static String range(String unbounded, @Nullable String from, @Nullable String to) {
    if (from != null && to != null) {
      return " from " + from + " to " + to;
    }
    return from != null ? " of at least " + from : to != null ? " of at most " + to : unbounded;
  }

  /** The sum of the attributes of a {@link DurationMin} or {@link DurationMax}. */
  private static Duration duration(Annotation bound) {
    MergedAnnotation<Annotation> attributes = MergedAnnotation.from(bound);
    Duration sum = Duration.ZERO;
    for (ChronoUnit unit : EnumSet.of(DAYS, HOURS, MINUTES, SECONDS, MILLIS, NANOS)) {
      sum = sum.plus(attributes.getLong(unit.toString().toLowerCase(Locale.ROOT)), unit);
    }
    return sum;
  }
}
