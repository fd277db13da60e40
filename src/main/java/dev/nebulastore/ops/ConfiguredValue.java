package dev.nebulastore.ops;

import java.util.Objects;
import java.util.Optional;
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
 * A value that somebody gave to a setting, and where.
 *
 * @param key in the spelling of the documentation
 */
record ConfiguredValue(String key, String value, String where) {

  static ConfiguredValue of(ConfigurationProperty property) {
    return new ConfiguredValue(
        property.getName().toString(),
        String.valueOf(property.getValue()),
        where(property.getOrigin()));
  }

  /** What stands for a value that nobody gave. */
  static ConfiguredValue byDefault(ConfigurationPropertyName key, String value) {
    return new ConfiguredValue(key.toString(), value, "default");
  }

  /** What the environment holds for this key, before it was converted. */
  static Optional<ConfiguredValue> find(
      @Nullable Environment environment, ConfigurationPropertyName key) {
    if (environment == null) {
      return Optional.empty();
    }
    for (var source : ConfigurationPropertySources.get(environment)) {
      ConfigurationProperty property = source.getConfigurationProperty(key);
      if (property != null) {
        return Optional.of(of(property));
      }
    }
    return Optional.empty();
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
