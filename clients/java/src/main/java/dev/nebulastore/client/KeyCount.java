package dev.nebulastore.client;

import org.jspecify.annotations.Nullable;

/**
 * A number of keys.
 *
 * @param count the number of keys that were counted
 * @param exact whether these are all
 * @param cursor where to go on counting; null if all were counted
 */
public record KeyCount(long count, boolean exact, @Nullable String cursor) {}
