package dev.nebulastore.ops;

import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Refuses to start with a {@code nebula.*} key that nobody reads: a slip of the pen would otherwise
 * leave a default in force that somebody believes to have changed.
 *
 * <p>Threads: immutable.
 */
final class UnknownSettings
    implements ApplicationContextInitializer<ConfigurableApplicationContext> {

  /**
   * What Kubernetes and Docker tell of a service whose name begins with "nebula": NEBULA_PORT,
   * NEBULA_PORT_8080_TCP_ADDR, NEBULA_SERVICE_HOST and the like.
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
    NavigableSet<String> slips = slips(context.getEnvironment(), known);
    if (!slips.isEmpty()) {
      throw new FailureAnalyzedException(
          String.join(" ", slips),
          slips.stream().allMatch(slip -> slip.endsWith("?"))
              ? null
              : "All settings: " + String.join(", ", known.keys()) + ".");
    }
  }

  private static NavigableSet<String> slips(
      ConfigurableEnvironment environment, KnownSettings known) {
    NavigableSet<String> slips = new TreeSet<>();
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource listed) {
        unknown(listed, known).map(property -> sentence(property, known)).forEach(slips::add);
      }
    }
    return slips;
  }

  private static Stream<ConfigurationProperty> unknown(
      IterableConfigurationPropertySource source, KnownSettings known) {
    boolean variables = source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
    return source.stream()
        .filter(KnownSettings.PREFIX::isAncestorOf)
        .filter(name -> !(variables ? known.hasVariable(name) : known.has(name)))
        .flatMap(name -> Stream.ofNullable(source.getConfigurationProperty(name)))
        .filter(property -> !ofService(property));
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
