package dev.nebulastore.ops.endpoint;

import dev.nebulastore.storage.Backups;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.EndpointFilter;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.web.ExposableWebEndpoint;
import org.springframework.stereotype.Component;

/**
 * Hides {@link BackupsEndpoint} if the engine makes no backups.
 *
 * <p>Threads: immutable.
 */
@Component
final class BackupsFilter implements EndpointFilter<ExposableWebEndpoint> {

  private static final EndpointId BACKUPS = EndpointId.of(BackupsEndpoint.ID);

  private final ObjectProvider<Backups> backups;

  BackupsFilter(ObjectProvider<Backups> backups) {
    this.backups = backups;
  }

  @Override
  public boolean match(ExposableWebEndpoint endpoint) {
    return !endpoint.getEndpointId().equals(BACKUPS) || backups.getIfAvailable() != null;
  }
}
