package dev.nebulastore.audit;

import org.jspecify.annotations.Nullable;

/**
 * What a line of the audit log tells. It has no token, no key and no value: a key is its {@link
 * KeyHash}. All parts are short, so that a full queue has a known size.
 */
public sealed interface AuditEvent {

  /**
   * Where a request comes from, and what it asks for.
   *
   * @param caller the id of the caller; empty if it is not known
   * @param peer the address of the peer
   * @param path the path; only its first part if the rest is a key
   */
  record Origin(String caller, String peer, String method, String path) {}

  /**
   * A request, or an operation of one, was refused because of who sent it.
   *
   * @param key the hash of the key, or null if there is none
   * @param kind the kind of the refusal
   */
  record Refused(Origin origin, @Nullable String key, String kind, int status)
      implements AuditEvent {}

  /**
   * A request changed the server, or many entries at once.
   *
   * @param prefix the hash of the prefix of the keys that were deleted, or null if there is none
   * @param status the status of the answer, or null if there was none
   */
  record Administered(Origin origin, @Nullable String prefix, @Nullable Integer status)
      implements AuditEvent {}

  /**
   * A write of one key was given to a shard.
   *
   * @param key the hash of the key
   * @param operation put, touch, delete or transaction
   * @param status the status of the outcome, or null if the client did not wait for it
   */
  record Written(Origin origin, String key, String operation, @Nullable Integer status)
      implements AuditEvent {}

  /**
   * A changed tokens file was read.
   *
   * @param tokens the number of tokens in use now; 0 if the file was refused
   * @param reason why the file was refused, or null if its tokens are used
   */
  record Reloaded(int tokens, @Nullable String reason) implements AuditEvent {}
}
