package dev.nebulastore.ops;

import dev.nebulastore.storage.Backups;
import dev.nebulastore.storage.Backups.Backup;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.stereotype.Component;

/**
 * {@code /actuator/backups}: what backups there are, and a way to make one, which takes {@code
 * management.endpoint.backups.access=unrestricted}. {@link BackupsFilter} leaves it out where the
 * engine makes none.
 *
 * <p>Threads: immutable.
 */
@Component
@Endpoint(id = BackupsEndpoint.ID, defaultAccess = Access.READ_ONLY)
final class BackupsEndpoint {

  static final String ID = "backups";

  private final ObjectProvider<Backups> backups;

  BackupsEndpoint(ObjectProvider<Backups> backups) {
    this.backups = backups;
  }

  /** All of them, the newest first. */
  @ReadOperation
  Map<String, List<Backup>> all() {
    return Map.of(ID, backups.getObject().list());
  }

  /** Makes one. */
  @WriteOperation
  WebEndpointResponse<Backup> make() {
    return new WebEndpointResponse<>(backups.getObject().make(), 201);
  }
}
