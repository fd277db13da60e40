package dev.nebulastore.ops.endpoint;

import dev.nebulastore.http.MethodAdvice;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.stereotype.Component;

/**
 * Names the setting that allows changes by {@link BackupsEndpoint} and {@link ShardsEndpoint}.
 * Without it, Spring Boot does not know their methods.
 *
 * <p>Threads: immutable.
 */
@Component
final class AccessAdvice implements MethodAdvice {

  private final Pattern changes;
  private final Access most;

  AccessAdvice(
      @Value("${management.endpoints.web.base-path:/actuator}") String actuator,
      @Value("${management.endpoints.access.max-permitted:UNRESTRICTED}") Access most) {
    String base = ".*" + Pattern.quote(actuator) + "/";
    this.changes =
        Pattern.compile("POST %1$s(backups|shards)|DELETE %1$s(shards)/\\d+".formatted(base));
    this.most = most;
  }

  @Override
  public @Nullable String adviceFor(String method, String path) {
    Matcher change = changes.matcher(method + " " + path);
    if (!change.matches()) {
      return null;
    }
    String endpoint = change.group(1) == null ? change.group(2) : change.group(1);
    String setting =
        most == Access.UNRESTRICTED
            ? "management.endpoint." + endpoint + ".access"
            : "management.endpoints.access.max-permitted";
    return "It would need " + setting + "=unrestricted.";
  }
}
