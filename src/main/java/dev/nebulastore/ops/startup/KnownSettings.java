package dev.nebulastore.ops.startup;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.Collections;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * All settings of NebulaStore, from the metadata that the build generates from the properties
 * records.
 *
 * @param keys in the spelling of the documentation
 */
record KnownSettings(SortedSet<String> keys) {

  static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("nebula");

  private static final String GATHERED = "META-INF/spring-configuration-metadata.json";

  /** The largest edit distance at which two keys are considered alike. */
  private static final int NEAR = 3;

  KnownSettings {
    keys = Collections.unmodifiableSortedSet(new TreeSet<>(keys));
  }

  /** The settings of this build; empty if it was built without the annotation processor. */
  static KnownSettings gathered(ClassLoader classes) {
    SortedSet<String> keys = new TreeSet<>();
    try {
      // Libraries have large files of the same name; ours is among the first.
      for (URL file : Collections.list(classes.getResources(GATHERED))) {
        read(file).get("properties").forEach(property -> keys.add(property.get("name").asString()));
        keys.removeIf(key -> !PREFIX.isAncestorOf(ConfigurationPropertyName.of(key)));
        if (!keys.isEmpty()) {
          break;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new KnownSettings(keys);
  }

  private static JsonNode read(URL file) throws IOException {
    try (InputStream in = file.openStream()) {
      return new JsonMapper().readTree(in);
    }
  }

  /** The key that was probably meant: one that is spelled alike or ends in the same word. */
  Optional<String> nearest(ConfigurationPropertyName name) {
    String wanted = letters(name.toString());
    Optional<String> alike =
        keys.stream()
            .filter(key -> distance(letters(key), wanted) <= NEAR)
            .min(Comparator.comparingInt(key -> distance(letters(key), wanted)));
    String word = letters(name.getLastElement(ConfigurationPropertyName.Form.DASHED));
    return alike.or(() ->
        keys.stream()
            .filter(key -> letters(key.substring(key.lastIndexOf('.'))).equals(word))
            .findFirst());
  }

  private static String letters(String key) {
    return key.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
  }

  /** The Levenshtein distance. */
  private static int distance(String one, String other) {
    int[] above = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int[] row = new int[other.length() + 1];
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int replaced = above[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(above[j], row[j - 1]));
      }
      above = row;
    }
    return above[other.length()];
  }
}
