package dev.nebulastore.client;

/** How many entries a deletion by prefix has deleted, as the server writes it. */
record DeletionJson(long deleted) {}
