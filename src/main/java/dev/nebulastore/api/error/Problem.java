package dev.nebulastore.api.error;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Every kind of error that a client can get, with the texts of its page. The code, which is the
 * name in lower case with hyphens, is part of the API; the texts are not.
 *
 * <p>Threads: immutable.
 */
public enum Problem {
  INVALID_REQUEST(
      400,
      "The request is malformed",
      "The request is not valid HTTP, or one of its headers is invalid.",
      "Correct the request as the detail says. In a path, percent-encode spaces and all bytes"
          + " that are not ASCII."),
  INVALID_KEY(
      400,
      "The key is invalid",
      "A key is the part of the path after /kv/, percent-decoded once: 1 to 1,024 bytes of"
          + " UTF-8, without control characters and without the path segments \".\" and \"..\".",
      "Percent-encode the key. Many clients remove dot segments themselves; curl keeps them"
          + " with --path-as-is."),
  INVALID_TTL(
      400,
      "The time to live is invalid",
      "A ttl is 90s, 15m, 12h, 30d, an ISO-8601 duration such as PT90S, or a number of seconds,"
          + " from 1 s to 3,650 d. PATCH and the operation touch also accept none. The"
          + " expires of an operation is a time as in 2026-11-22T10:01:30Z.",
      "Correct the ttl."),
  INVALID_CONDITION(
      400,
      "A condition is malformed",
      "If-Match and If-None-Match contain * or a list of entity tags, each in double quotes.",
      "Send the tag exactly as it is in the ETag header, with its quotes."),
  INVALID_PARAMETER(
      400,
      "A query parameter is unknown, missing, malformed or given twice",
      "Unknown parameters are refused, since a typing error, such as a misspelled ttl, would"
          + " otherwise go unnoticed.",
      "Correct or remove the parameter. If the question mark belongs to the key, send it as"
          + " %3F."),
  EVERYTHING_REQUIRED(
      400,
      "A change of all keys must be confirmed",
      "DELETE /keys and PATCH /keys with an empty prefix change all keys. Since an empty prefix may"
          + " also come from a variable that is not set, everything=true is required with it.",
      "Send ?prefix=&everything=true if all keys are meant, or a prefix. With dry-run=true the"
          + " server only counts."),
  INVALID_CURSOR(
      400,
      "The cursor does not belong to this listing",
      "A cursor comes from a listing and continues it, with the same prefix and delimiter. It"
          + " is valid as long as the store exists.",
      "Send the cursor unchanged, with the same parameters, or follow the Link header. Without"
          + " a cursor, the listing starts from the beginning."),
  INVALID_JSON(
      400,
      "The JSON is invalid",
      "An operation is one JSON object: op, key and, depending on the op, value or base64,"
          + " contentType, ttl, add, ifMatch, ifNoneMatch. A member that is unknown, repeated or of"
          + " the wrong type is refused, so that no mistake goes unnoticed.",
      "Correct what the detail names."),
  TOKEN_REQUIRED(
      401,
      "A token is required",
      "This server serves only callers with a token, and the request has none.",
      "Send Authorization: Bearer and your token. Whoever operates the server makes one with:"
          + " java -jar nebulastore.jar token new. Or the server accepts those of an OpenID Connect"
          + " issuer."),
  INVALID_TOKEN(
      401,
      "The token is not valid",
      "The token is malformed or unknown, was revoked, or has expired. For the token of an OpenID"
          + " Connect issuer, the detail names what is wrong.",
      "Check that all of the token was sent, or ask for a new one."),
  INSUFFICIENT_SCOPE(
      403,
      "The token does not allow this",
      "A token has roles (read, write, metrics, admin), and may be bound to keys that begin with"
          + " one of its prefixes. Listing, watching and changing by prefix need a prefix within"
          + " those. Nothing was read or changed.",
      "Use a token with the role and prefix that the detail names."),
  PROTECTED_MODE(
      403,
      "The server is in protected mode",
      "Without further settings, the server serves only clients on its own machine, and none that"
          + " come through a proxy. So a store that was started in a hurry is not open to the"
          + " network.",
      "Let clients use tokens (nebula.security.tokens-file), or open the server to everybody who"
          + " reaches it (nebula.security.mode=open), or send the request from its own machine, to"
          + " localhost."),
  HOST_NOT_ALLOWED(
      403,
      "The host name is not allowed",
      "In protected mode the Host header must name this machine: localhost, 127.0.0.1, [::1], or"
          + " one of nebula.security.hosts. Otherwise a page in a browser on this machine could"
          + " reach the store under a name of its own.",
      "Use localhost, or add the name to nebula.security.hosts."),
  ORIGIN_NOT_ALLOWED(
      403,
      "The origin is not allowed",
      "A page from another server sent this request from a browser. Nothing was changed.",
      "If the page may use the store, add its origin to nebula.cors.origins."),
  KEY_NOT_FOUND(
      404,
      "There is no such key",
      "No entry is stored under this key. It was never written, was deleted, or has expired.",
      "Write the entry, or check the spelling: keys are compared byte by byte."),
  NO_SUCH_SHARD(
      404,
      "There is no such shard",
      "Shards are numbered from 0.",
      "List the shards with GET /actuator/shards."),
  NOT_FOUND(
      404,
      "There is nothing at this path",
      "Keys are under /kv/, endpoints for operators under /actuator. All paths are described at"
          + " /swagger-ui.html.",
      "Correct the path."),
  METHOD_NOT_ALLOWED(
      405,
      "The method is not allowed here",
      "The Allow header lists the allowed methods.",
      "Use one of them."),
  NOT_ACCEPTABLE(
      406,
      "No acceptable representation",
      "The resource is not available in any media type of the Accept header.",
      "Accept more media types."),
  TXN_CONFLICT(
      409,
      "The transaction was refused",
      "A command of the chosen list has a condition of its own that does not hold, or adds to"
          + " something that is not a number. Nothing of the transaction was applied.",
      "Read the key that is named and decide again. To choose between two lists instead, put"
          + " the condition into \"if\"."),
  NOT_A_NUMBER(
      409,
      "The value is not a number, or the sum is too large",
      "Only a number can be added to: digits without leading zeros, with or without a minus, and"
          + " nothing else, from -9223372036854775808 to 9223372036854775807. The same holds for"
          + " the sum. Nothing was changed.",
      "Check the key. To start again from a number, write it with PUT."),
  RESIZE_RUNNING(
      409,
      "The shards are being resized",
      "The number of shards can be changed only once at a time. This request changed nothing.",
      "Retry when /actuator/shards reports that the change is done."),
  BACKUP_RUNNING(
      409,
      "A backup is being made",
      "Only one backup is made at a time. This request made none.",
      "Retry when that backup is in the list of /actuator/backups."),
  CONTENT_TOO_LARGE(
      413,
      "The content is too large",
      "The request body is larger than the server accepts.",
      "Send a smaller body."),
  VALUE_TOO_LARGE(
      413,
      "The value is too large",
      "Values are limited to nebula.limits.value-size, 1 MB by default. Nothing was stored.",
      "Split the value, or raise the limit."),
  URI_TOO_LONG(
      414,
      "The request line is too long",
      "The line with the path and the query is longer than the server accepts"
          + " (server.max-http-request-header-size, 8 KB by default). A key has at most 1,024"
          + " bytes.",
      "Send a shorter path and query."),
  UNSUPPORTED_CODING(
      415,
      "The content coding is not supported",
      "Values are stored and returned byte for byte, so a Content-Encoding would be lost.",
      "Send the value without Content-Encoding. Compressed data can be stored as a value with a"
          + " Content-Type that says so."),
  UNSUPPORTED_MEDIA_TYPE(
      415,
      "The media type is not supported",
      "This operation does not accept content of this type.",
      "See /swagger-ui.html for the accepted types."),
  RANGE_NOT_SATISFIABLE(
      416,
      "The range is beyond the value",
      "The value has none of the bytes that the Range header asks for. Content-Range is its size. A"
          + " client that resumes has all of the value, or has a part of another one.",
      "Read the value without Range. If-Range with the ETag of the first part avoids this."),
  EXPECTATION_FAILED(
      417,
      "The expectation is not supported",
      "The Expect header asks for something other than 100-continue.",
      "Send the request without Expect."),
  PRECONDITION_FAILED(
      412,
      "The condition does not hold",
      "The entry is not at the version that the request names. Nothing was changed.",
      "Read the entry again and decide anew. If the entry exists, currentEtag is its version."),
  PRECONDITION_REQUIRED(
      428,
      "A condition is required",
      "This server refuses to overwrite an entry without a condition"
          + " (nebula.require-preconditions), which prevents lost updates. Nothing was changed.",
      "Read the entry and send its ETag as If-Match."),
  CALLER_LIMIT(
      429,
      "The caller has reached a limit",
      "A limit for each caller is reached, which the detail names: requests in flight or a second,"
          + " watchers, or connections (nebula.limits.per-caller). A caller without a token is"
          + " known by its address. Others are served. Nothing was applied.",
      "Retry after the time in Retry-After, with growing pauses, and send less at a time."),
  HEADER_FIELDS_TOO_LARGE(
      431,
      "The headers are too large",
      "The request line and the headers are longer than the server accepts"
          + " (server.max-http-request-header-size, 8 KB by default), or there are more than 100.",
      "Send fewer or shorter headers, such as cookies."),
  INTERNAL_ERROR(
      500,
      "The server failed",
      "An unexpected error occurred. The log has the details.",
      "Report it with the time at which it happened."),
  BACKUP_FAILED(
      500,
      "The backup failed",
      "The backup directory (nebula.storage.backup-directory) can't be read or written, or the"
          + " disk of the store accepts no writes. The incomplete backup was removed. The store"
          + " continues to work.",
      "Fix what the detail names: give the directory to the user of the server, or see"
          + " /actuator/health."),
  CORRUPT(
      500,
      "The stored entry is damaged",
      "The entry can't be read, since a checksum on the disk does not match. Other entries are"
          + " served. A write to this key was not applied.",
      "Check the disk and restore a backup. The log and the metric nebula.storage.corruptions"
          + " show how often damage was found."),
  NOT_IMPLEMENTED(
      501,
      "Not implemented",
      "The request needs a part of HTTP that this server does not have, as the detail says.",
      "Send a body with a Content-Length, or with chunked as its only Transfer-Encoding."),
  MAILBOX_FULL(
      503,
      "The shard is too busy",
      "The limit of commands that wait for this shard is reached"
          + " (nebula.shards.mailbox-capacity). This command was not applied.",
      "Retry after the time in Retry-After, with growing pauses."),
  DEADLINE_EXCEEDED(
      503,
      "The command was not started in time",
      "The command waited longer than nebula.shards.deadline and was dropped. It was not"
          + " applied.",
      "Retry after the time in Retry-After, with growing pauses."),
  SHARD_SET_ASIDE(
      503,
      "The shard is quarantined",
      "Its worker died too often in a short time. The server retries it automatically; the"
          + " other shards continue to work. The command was not applied.",
      "Retry after the time in Retry-After. The log and /actuator/shards show why the worker"
          + " died."),
  STOPPING(
      503,
      "The server is stopping",
      "It completes the requests in flight and accepts no new ones. The command was not"
          + " applied.",
      "Retry after the time in Retry-After."),
  STORE_UNAVAILABLE(
      503,
      "The store accepts no writes",
      "The disk refused a write or a sync. Reads continue to work. The server retries"
          + " automatically; /actuator/health shows the cause. Writes in flight at that moment"
          + " may have been applied; later writes were not.",
      "Retry after the time in Retry-After. If applied is unknown, read the key before you"
          + " decide."),
  TOO_MANY_WATCHERS(
      503,
      "Too many watchers",
      "The limit of concurrent watchers is reached (nebula.watch.max-subscribers). A long poll"
          + " counts as one while it waits.",
      "Retry after the time in Retry-After, watch a prefix instead of many keys, or raise the"
          + " limit."),
  OVERLOADED(
      503,
      "The server is overloaded",
      "A limit is reached, which the detail names: concurrent requests"
          + " (nebula.limits.requests), open connections (nebula.limits.connections), memory"
          + " for values (nebula.limits.content-memory), or waiting lines of the audit log"
          + " (nebula.audit.queue). Nothing was applied.",
      "Retry after the time in Retry-After, with growing pauses. Close connections that are not"
          + " needed."),
  VERIFICATION_UNAVAILABLE(
      503,
      "The token can't be verified now",
      "The token was made by an OpenID Connect issuer and was not verified before. The keys of the"
          + " issuer can't be fetched, or too many tokens are being verified. Nothing was read or"
          + " changed.",
      "Retry after the time in Retry-After. If it lasts, check that the server can reach the issuer"
          + " (nebula.security.oidc); its log has the reason."),
  SERVICE_UNAVAILABLE(
      503,
      "The server can't answer now",
      "It is starting, stopping or overloaded.",
      "Retry later."),
  OUTCOME_UNKNOWN(
      504,
      "It is unknown whether the command was applied",
      "The shard had started the command when its worker died, got stuck or took too long.",
      "Read the key before you decide. A write with If-Match or If-None-Match can be sent again"
          + " safely."),
  BACKUP_NO_ROOM(
      507,
      "There is no space for a backup",
      "The disk of the backups or of the store is full. The incomplete backup was removed. The"
          + " store continues to work.",
      "Remove old backups, or choose another nebula.storage.backup-directory."),
  STORE_FULL(
      507,
      "The store is full",
      "There is no space for this write. Reads and deletes continue to work. If applied is"
          + " unknown, the disk became full during this write, which may have been applied.",
      "Delete entries that are not needed, or enlarge the disk or the store"
          + " (nebula.storage.memory.max-size). Writes are then accepted again without a restart.");

  private final int status;
  private final String title;
  private final String meaning;
  private final String remedy;

  Problem(int status, String title, String meaning, String remedy) {
    this.status = status;
    this.title = title;
    this.meaning = meaning;
    this.remedy = remedy;
  }

  /** The status of the answer. */
  public int status() {
    return status;
  }

  /** What happened, in a few words. */
  public String title() {
    return title;
  }

  String meaning() {
    return meaning;
  }

  String remedy() {
    return remedy;
  }

  /** The code, which is API. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The kind with this code. */
  public static Optional<Problem> ofCode(String code) {
    return Arrays.stream(values()).filter(problem -> problem.code().equals(code)).findFirst();
  }

  /** The kind for an error of Tomcat or Spring, of which only the status is known. */
  public static Problem ofStatus(int status) {
    return switch (status) {
      case 404 -> NOT_FOUND;
      case 405 -> METHOD_NOT_ALLOWED;
      case 406 -> NOT_ACCEPTABLE;
      case 412 -> PRECONDITION_FAILED;
      case 413 -> CONTENT_TOO_LARGE;
      case 414 -> URI_TOO_LONG;
      case 415 -> UNSUPPORTED_MEDIA_TYPE;
      case 416 -> RANGE_NOT_SATISFIABLE;
      case 417 -> EXPECTATION_FAILED;
      case 431 -> HEADER_FIELDS_TOO_LARGE;
      case 501 -> NOT_IMPLEMENTED;
      case 503 -> SERVICE_UNAVAILABLE;
      // The client uses an unsupported version of HTTP.
      case 505 -> INVALID_REQUEST;
      default -> status < 500 ? INVALID_REQUEST : INTERNAL_ERROR;
    };
  }
}
