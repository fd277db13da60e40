package dev.nebulastore.ops.endpoint;

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
 * {@code /actuator/backups}: lists backups and makes one, which needs {@code
 * management.endpoint.backups.access=unrestricted}. {@link BackupsFilter} hides it if the engine
 * makes no backups.
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

  /** All backups, the newest first. */
  @ReadOperation
  Map<String, List<Backup>> all() {
    return Map.of(ID, backups.getObject().list());
  }

  /** Makes a backup and returns when it is on disk. */
  @WriteOperation
  WebEndpointResponse<Backup> make() {
    return new WebEndpointResponse<>(backups.getObject().make(), 201);
  }
}
