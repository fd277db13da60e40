package dev.nebulastore.api.access;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Which pages of other servers may use the store from a browser.
 *
 * @param origins the origins of the pages, such as https://app.example.com or
 *     http://localhost:3000, compared as a whole; by default none. * means all, which only the mode
 *     open allows
 */
@ConfigurationProperties("nebula.cors")
record CorsProperties(@DefaultValue List<String> origins) {

  static final String ALL = "*";

  CorsProperties {
    origins = origins.stream().map(origin -> origin.strip().toLowerCase(Locale.ROOT)).toList();
    for (String origin : origins) {
      if (!origin.equals(ALL) && !isOrigin(origin)) {
        throw new InvalidConfigurationPropertyValueException(
            "nebula.cors.origins",
            origin,
            "must be a scheme, a host and perhaps a port, such as https://app.example.com, without"
                + " a path");
      }
    }
  }

  private static boolean isOrigin(String text) {
    try {
      URI uri = URI.create(text);
      boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
      return http
          && uri.getHost() != null
          && text.equals(uri.getScheme() + "://" + uri.getAuthority());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
