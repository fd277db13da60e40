package dev.nebulastore.ops.startup;

import java.util.Objects;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.SystemEnvironmentOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;

/**
 * The value of a setting and where it was set.
 *
 * @param key in the spelling of the documentation
 * @param value as it was written, before conversion
 * @param where for example: my.yaml, line 3
 */
record ConfiguredValue(String key, String value, String where) {

  static ConfiguredValue of(ConfigurationProperty property) {
    return new ConfiguredValue(
        property.getName().toString(),
        String.valueOf(property.getValue()),
        where(property.getOrigin()));
  }

  /** The value in the environment, or the default if it is set nowhere. */
  static ConfiguredValue find(
      @Nullable Environment environment,
      ConfigurationPropertyName key,
      @Nullable Object byDefault) {
    return find(environment, key)
        .orElseGet(() -> new ConfiguredValue(key.toString(), ValueText.of(byDefault), "default"));
  }

  private static Optional<ConfiguredValue> find(
      @Nullable Environment environment, ConfigurationPropertyName key) {
    return environment == null
        ? Optional.empty()
        : StreamSupport.stream(ConfigurationPropertySources.get(environment).spliterator(), false)
            .flatMap(source -> Optional.ofNullable(source.getConfigurationProperty(key)).stream())
            .findFirst()
            .map(ConfiguredValue::of);
  }

  private static String where(@Nullable Origin origin) {
    return switch (origin) {
      case SystemEnvironmentOrigin variable -> "environment variable " + variable.getProperty();
      case TextResourceOrigin text -> where(text);
      case PropertySourceOrigin source when source.getOrigin() != null -> where(source.getOrigin());
      case PropertySourceOrigin source -> where(source.getPropertySource().getName());
      case null -> "somewhere";
      default -> origin.toString();
    };
  }

  private static String where(TextResourceOrigin text) {
    String file =
        text.getResource() == null
            ? "a file"
            : Objects.requireNonNullElse(text.getResource().getFilename(), "a file");
    return text.getLocation() == null
        ? file
        : file + ", line " + (text.getLocation().getLine() + 1);
  }

  private static String where(String propertySource) {
    return switch (propertySource) {
      case CommandLinePropertySource.COMMAND_LINE_PROPERTY_SOURCE_NAME -> "command line";
      case StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME -> "system property";
      default -> propertySource;
    };
  }

  /** For example: nebula.shards.count is "0" (command line). */
  @Override
  public String toString() {
    return key + " is \"" + value + "\" (" + where + ").";
  }
}
