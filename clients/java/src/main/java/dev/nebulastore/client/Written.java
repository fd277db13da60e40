package dev.nebulastore.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The result of a write. It is as durable as the storage engine of the server promises.
 *
 * @param etag the new version
 * @param created whether the key was absent before
 * @param expires when the entry expires, or null if it does not
 */
public record Written(String etag, boolean created, @Nullable Instant expires) {}
