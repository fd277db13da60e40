package dev.nebulastore.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A write that was done, and is as durable as the server's engine promises.
 *
 * @param etag the new version
 * @param created whether there was no such key before
 * @param expires when the entry expires, if it does
 */
public record Written(String etag, boolean created, @Nullable Instant expires) {}
