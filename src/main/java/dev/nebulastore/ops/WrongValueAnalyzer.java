package dev.nebulastore.ops;

import java.lang.reflect.Field;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.bind.validation.ValidationErrors;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.util.ReflectionUtils;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/**
 * Explains a setting that can't be used: its key, what was given and where, what is allowed. Comes
 * before Spring Boot's own analyzers of the same failures.
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
      ValidationErrors errors = invalid.getValidationErrors();
      return errors.getAllErrors().stream()
          .map(error -> outOfBounds(errors.getName(), error, failure.getTarget().getType()))
          .collect(Collectors.joining(" "));
    }
    if (failure.getProperty() != null) {
      Class<?> type = failure.getTarget().getType().resolve(Object.class);
      return sentence(
          ConfiguredValue.of(failure.getProperty()),
          ValueDescription.of(type, failure.getTarget().getAnnotations()));
    }
    IllegalArgumentException refusal = findCause(failure, IllegalArgumentException.class);
    return refusal == null ? null : refused(failure.getName(), refusal);
  }

  /** A value that was converted and then found out of the bounds that stand at its field. */
  private String outOfBounds(
      ConfigurationPropertyName prefix, ObjectError error, ResolvableType target) {
    if (!(error instanceof FieldError invalid)) {
      return prefix + " is wrong: it " + error.getDefaultMessage() + ".";
    }
    ConfigurationPropertyName key =
        prefix.append(DataObjectPropertyName.toDashedForm(invalid.getField()));
    ConfiguredValue given =
        ConfiguredValue.find(environment, key)
            .orElseGet(
                () -> ConfiguredValue.byDefault(key, String.valueOf(invalid.getRejectedValue())));
    Field field = fieldOf(target.resolve(Object.class), invalid.getField());
    return field == null
        ? given + " It " + invalid.getDefaultMessage() + "."
        : sentence(given, ValueDescription.of(field.getType(), field.getAnnotations()));
  }

  /** The field that a path such as {@code limits.valueSize} leads to. */
  private static @Nullable Field fieldOf(Class<?> type, String path) {
    int dot = path.indexOf('.');
    Field field = ReflectionUtils.findField(type, dot < 0 ? path : path.substring(0, dot));
    return field == null || dot < 0 ? field : fieldOf(field.getType(), path.substring(dot + 1));
  }

  /**
   * A value that the constructor of a properties record refuses, with a message that begins with
   * the rest of its key: "max-size must be at least 1MB".
   */
  private @Nullable String refused(
      ConfigurationPropertyName prefix, IllegalArgumentException refusal) {
    String message = refusal.getMessage();
    String[] words = message == null ? new String[0] : message.split(" must be ", 2);
    if (words.length < 2 || !ConfigurationPropertyName.isValid(words[0])) {
      return null;
    }
    return ConfiguredValue.find(environment, prefix.append(words[0]))
        .map(given -> sentence(given, words[1]))
        .orElse(null);
  }

  private static String sentence(ConfiguredValue given, String allowed) {
    return given + " It must be " + allowed + ".";
  }
}
