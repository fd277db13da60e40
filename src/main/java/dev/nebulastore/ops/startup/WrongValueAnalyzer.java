package dev.nebulastore.ops.startup;

import java.lang.reflect.Field;
import java.nio.file.InvalidPathException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.util.ReflectionUtils;
import org.springframework.validation.FieldError;

/**
 * Explains a value of the wrong type or out of its limits: the key, the value, where it was set,
 * and what is allowed. Precedes Spring Boot's own analyzers, which take several lines.
 *
 * <p>Threads: immutable.
 */
@Order(0)
final class WrongValueAnalyzer extends AbstractFailureAnalyzer<BindException> {

  private final @Nullable Environment environment;

  /** With the environment of the context, or null if the start failed before there was one. */
  WrongValueAnalyzer(@Nullable Environment environment) {
    this.environment = environment;
  }

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException failure) {
    String sentence = explain(failure);
    return sentence == null ? null : new FailureAnalysis(sentence, null, rootFailure);
  }

  private @Nullable String explain(BindException failure) {
    BindValidationException invalid = findCause(failure, BindValidationException.class);
    if (invalid != null) {
      ConfigurationPropertyName prefix = invalid.getValidationErrors().getName();
      return invalid.getValidationErrors().getAllErrors().stream()
          .filter(FieldError.class::isInstance)
          .map(error -> outOfLimits(prefix, (FieldError) error, failure.getTarget().getType()))
          .collect(Collectors.joining(" "));
    }
    if (failure.getProperty() == null) {
      return null;
    }
    if (findCause(failure, InvalidPathException.class) != null) {
      return ConfiguredValue.of(failure.getProperty()) + " " + unnamed();
    }
    return sentence(
        ConfiguredValue.of(failure.getProperty()),
        ValueDescription.of(
            failure.getTarget().getType().resolve(Object.class),
            failure.getTarget().getAnnotations()));
  }

  /** The locale decides how characters of a path are encoded. */
  private static String unnamed() {
    return "It can't be named in the character encoding of this process, %s: set the environment"
            .formatted(System.getProperty("sun.jnu.encoding"))
        + " variable LC_ALL to C.UTF-8, or use ASCII characters.";
  }

  /** Describes all constraints of the field, not only the one that is violated. */
  private String outOfLimits(
      ConfigurationPropertyName prefix, FieldError error, ResolvableType target) {
    ConfiguredValue given =
        ConfiguredValue.find(
            environment,
            prefix.append(DataObjectPropertyName.toDashedForm(error.getField())),
            error.getRejectedValue());
    Field field = field(target.resolve(Object.class), error.getField());
    return field == null
        ? given + " It " + error.getDefaultMessage() + "."
        : sentence(given, ValueDescription.of(field.getType(), field.getAnnotations()));
  }

  /** The field at the end of a path such as {@code limits.valueSize}. */
  private static @Nullable Field field(Class<?> type, String path) {
    int dot = path.indexOf('.');
    Field field = ReflectionUtils.findField(type, dot < 0 ? path : path.substring(0, dot));
    return field == null || dot < 0 ? field : field(field.getType(), path.substring(dot + 1));
  }

  private static String sentence(ConfiguredValue given, String allowed) {
    return given + " It must be " + allowed + ".";
  }
}
