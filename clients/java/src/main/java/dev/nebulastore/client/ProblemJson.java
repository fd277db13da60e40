package dev.nebulastore.client;

import org.jspecify.annotations.Nullable;

/** A problem detail (RFC 9457) with the members that NebulaStore adds. */
record ProblemJson(
    @Nullable String type,
    @Nullable String title,
    @Nullable Integer status,
    @Nullable String detail,
    @Nullable String applied,
    @Nullable String currentEtag,
    @Nullable String key,
    @Nullable Integer shard) {}
