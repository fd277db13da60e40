package dev.nebulastore.ops.startup;

import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Refuses to start with an unknown {@code nebula.*} setting. Otherwise a typing error would leave
 * the default in force. Spring Boot's {@code ignoreUnknownFields} does not look at environment
 * variables, nor at prefixes that no bean is bound to.
 *
 * <p>Threads: immutable.
 */
final class UnknownSettings
    implements ApplicationContextInitializer<ConfigurableApplicationContext> {

  /**
   * Variables that Kubernetes and Docker set for a service whose name begins with "nebula", such as
   * NEBULA_PORT, NEBULA_PORT_8080_TCP_ADDR and NEBULA_SERVICE_HOST.
   */
  private static final Pattern SERVICE =
      Pattern.compile("NEBULA_(\\w+_)?(SERVICE_(HOST|PORT\\w*)|PORT_\\d+_(TCP|UDP|SCTP)\\w*)");

  private static final Pattern SERVICE_ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    KnownSettings known = KnownSettings.gathered(UnknownSettings.class.getClassLoader());
    if (known.keys().isEmpty()) {
      return;
    }
    NavigableSet<String> sentences = new TreeSet<>();
    for (ConfigurationPropertySource source :
        ConfigurationPropertySources.get(context.getEnvironment())) {
      if (source instanceof IterableConfigurationPropertySource listed) {
        unknown(listed, known).map(property -> sentence(property, known)).forEach(sentences::add);
      }
    }
    if (!sentences.isEmpty()) {
      throw new FailureAnalyzedException(
          String.join(" ", sentences),
          sentences.stream().allMatch(sentence -> sentence.endsWith("?"))
              ? null
              : "All settings: " + String.join(", ", known.keys()) + ".");
    }
  }

  /** The properties below {@code nebula} that binding a known setting does not read. */
  private static Stream<ConfigurationProperty> unknown(
      IterableConfigurationPropertySource source, KnownSettings known) {
    Set<String> read =
        known.keys().stream()
            .map(key -> source.getConfigurationProperty(ConfigurationPropertyName.of(key)))
            .filter(Objects::nonNull)
            .map(UnknownSettings::spelling)
            .collect(Collectors.toSet());
    return source.stream()
        .filter(KnownSettings.PREFIX::isAncestorOf)
        .flatMap(name -> Stream.ofNullable(source.getConfigurationProperty(name)))
        .filter(property -> !read.contains(spelling(property)) && !ofService(property));
  }

  /** The name as it is written, such as NEBULA_SHARDS_COUNT. */
  private static String spelling(ConfigurationProperty property) {
    return property.getOrigin() instanceof PropertySourceOrigin origin
        ? origin.getPropertyName()
        : property.getName().toString();
  }

  private static boolean ofService(ConfigurationProperty property) {
    return property.getOrigin() instanceof PropertySourceOrigin origin
        && origin.getPropertySource() instanceof SystemEnvironmentPropertySource
        && (SERVICE.matcher(origin.getPropertyName()).matches()
            || SERVICE_ADDRESS.matcher(String.valueOf(property.getValue())).matches());
  }

  private static String sentence(ConfigurationProperty property, KnownSettings known) {
    ConfiguredValue given = ConfiguredValue.of(property);
    return "There is no setting %s (%s)%s"
        .formatted(
            given.key(),
            given.where(),
            known
                .nearest(property.getName())
                .map(key -> "; did you mean " + key + "?")
                .orElse("."));
  }
}
