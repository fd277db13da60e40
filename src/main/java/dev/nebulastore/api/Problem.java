package dev.nebulastore.api;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Every kind of error that a client can get, with what its page says. The code, which is the name
 * in lower case with hyphens, is API; the texts are not.
 *
 * <p>Threads: immutable.
 */
enum Problem {
  INVALID_REQUEST(
      400,
      "The request is malformed",
      "The request is not valid HTTP, or a header of it can't be understood here.",
      "Mend the request as the detail says. In a path, percent-encode every byte that is not ASCII,"
          + " and spaces."),
  INVALID_KEY(
      400,
      "The path names no key",
      "A key is what follows /kv/, percent-decoded once: 1 to 1,024 bytes of UTF-8, without control"
          + " characters and without a path segment \".\" or \"..\".",
      "Percent-encode the key. Many clients remove dot segments themselves: curl has"
          + " --path-as-is."),
  INVALID_TTL(
      400,
      "The time to live is malformed or out of bounds",
      "A ttl is 90s, 15m, 12h, 30d, an ISO-8601 duration such as PT90S, or plain seconds; from 1 s"
          + " to 3,650 d. For PATCH it may be none.",
      "Correct the ttl."),
  INVALID_CONDITION(
      400,
      "A condition is malformed",
      "If-Match and If-None-Match hold * or a list of entity tags, each in double quotes.",
      "Send the tag as it came in the ETag header, quotes included."),
  INVALID_PARAMETER(
      400,
      "A query parameter is unknown, missing, malformed or given twice",
      "A parameter that would be ignored may be a slip with consequences, such as a misspelled"
          + " ttl.",
      "Correct or remove it. A question mark that belongs to the key is sent as %3F."),
  INVALID_CURSOR(
      400,
      "The cursor is not one of this listing",
      "A cursor is given by a listing and goes on from there, with the same prefix and delimiter."
          + " It lives as long as the store's entries do.",
      "Send it as it came, with the parameters that it came with, or follow the Link header."
          + " Without it the listing begins anew."),
  INVALID_JSON(
      400,
      "The JSON is malformed, or not what belongs here",
      "An operation is one JSON object: op, key and, depending on the op, value or base64,"
          + " contentType, ttl, ifMatch, ifNoneMatch. A member that is not known, given twice or of"
          + " another type is refused, so that no slip goes unseen.",
      "Correct what the detail names."),
  KEY_NOT_FOUND(
      404,
      "There is no such key",
      "Nothing is stored under this key: it was never written, or was deleted, or has expired.",
      "Write it, or check how it is spelled: keys are compared byte by byte."),
  NO_SUCH_SHARD(
      404,
      "There is no such shard",
      "Shards are numbered from 0.",
      "See /actuator/shards for those that there are."),
  NOT_FOUND(
      404,
      "There is nothing at this path",
      "Keys live under /kv/, operations under /actuator, the description of all at"
          + " /swagger-ui.html.",
      "Correct the path."),
  METHOD_NOT_ALLOWED(
      405,
      "The method is not allowed here",
      "The Allow header tells the methods that are.",
      "Use one of them."),
  NOT_ACCEPTABLE(
      406,
      "No acceptable representation",
      "What is here can't be given in any media type of the Accept header.",
      "Widen the Accept header."),
  TXN_CONFLICT(
      409,
      "The transaction was refused",
      "A command of the list that was taken has a condition of its own that does not hold. Nothing"
          + " of the transaction was carried out.",
      "Read the key that is named and decide again. What is to be chosen between, not refused,"
          + " belongs into \"if\"."),
  RESIZE_RUNNING(
      409,
      "The shards are being resized",
      "The number of shards is changed once at a time. This request changed nothing.",
      "Try again when /actuator/shards says that it is done."),
  BACKUP_RUNNING(
      409,
      "A backup is being made",
      "Only one backup is made at a time. This request made none.",
      "Try again when that one is in the list of /actuator/backups."),
  CONTENT_TOO_LARGE(
      413,
      "The content is too large",
      "The request as a whole is larger than the server takes.",
      "Send less."),
  VALUE_TOO_LARGE(
      413,
      "The value is too large",
      "Values are bounded by nebula.limits.value-size, 1 MB by default. Nothing was stored.",
      "Split the value, or have the limit raised."),
  UNSUPPORTED_CODING(
      415,
      "The content coding is not supported",
      "Values are stored and given back byte for byte, so a Content-Encoding would be lost.",
      "Send the value without Content-Encoding: what you compressed yourself is a value like any"
          + " other, with a Content-Type that says so."),
  UNSUPPORTED_MEDIA_TYPE(
      415,
      "The media type is not supported",
      "This operation does not take content of this type.",
      "See /swagger-ui.html for the types that it takes."),
  PRECONDITION_FAILED(
      412,
      "The condition does not hold",
      "The entry is not, or no longer, at the version that the request names. Nothing was changed.",
      "Read the entry anew and decide again; currentEtag is its version now, if it stands."),
  PRECONDITION_REQUIRED(
      428,
      "A condition is required",
      "This server refuses to overwrite an entry without a condition"
          + " (nebula.require-preconditions), so that no update is lost. Nothing was changed.",
      "Read the entry and send its ETag as If-Match."),
  INTERNAL_ERROR(
      500,
      "The server failed",
      "Something happened that should not. The log has the details.",
      "Report it with the time at which it happened."),
  BACKUP_FAILED(
      500,
      "The backup failed",
      "The folder of the backups (nebula.storage.backup-directory) can't be read or written, or the"
          + " store's own disk takes no writes. Nothing is left of the backup; the store goes on.",
      "Mend what the detail names: give the folder to the user of the server, or see"
          + " /actuator/health."),
  CORRUPT(
      500,
      "What is stored is damaged",
      "The entry can't be read back as it was written: a checksum on the disk does not match. Other"
          + " entries are served. A write to this key was not applied.",
      "Look after the disk, and restore a backup; the log and the metric nebula.storage.corruptions"
          + " tell how often it was met."),
  MAILBOX_FULL(
      503,
      "The shard is too busy",
      "The limit of commands that wait for this shard is reached (nebula.shards.mailbox-capacity)."
          + " This one was not applied.",
      "Retry after the time in Retry-After, with growing pauses."),
  DEADLINE_EXCEEDED(
      503,
      "The shard did not come to the command in time",
      "The command waited longer than nebula.shards.deadline and was dropped. It was not applied.",
      "Try again after Retry-After, with growing pauses."),
  SHARD_SET_ASIDE(
      503,
      "The shard rests",
      "Its worker died too often in a short time. It is tried again by itself; the other shards go"
          + " on. The command was not applied.",
      "Try again after Retry-After. The log and /actuator/shards tell why it died."),
  STOPPING(
      503,
      "The server is stopping",
      "It finishes what it has begun and takes nothing new. The command was not applied.",
      "Try again after Retry-After."),
  STORE_UNAVAILABLE(
      503,
      "The store takes no writes",
      "The disk refused a write or its sync. Reads go on. The server tries by itself to take writes"
          + " again; /actuator/health tells the cause. What was in flight at that moment may have"
          + " been applied; later writes were not.",
      "Try again after Retry-After. If applied is unknown, read the key before you decide."),
  TOO_MANY_WATCHERS(
      503,
      "Too many watchers",
      "The limit of concurrent watchers is reached (nebula.watch.max-subscribers). A long poll"
          + " counts as one while it waits.",
      "Retry after the time in Retry-After, watch a prefix instead of many keys, or have the limit"
          + " raised."),
  OVERLOADED(
      503,
      "The server is overloaded",
      "A limit is reached, which the detail names: concurrent requests (nebula.limits.requests),"
          + " open connections (nebula.limits.connections), or memory for values"
          + " (nebula.limits.content-memory). Nothing was applied.",
      "Retry after the time in Retry-After, with growing pauses; close connections that are not"
          + " needed."),
  SERVICE_UNAVAILABLE(
      503,
      "The server can't answer now",
      "It is starting, stopping or overloaded.",
      "Retry later."),
  OUTCOME_UNKNOWN(
      504,
      "It is unknown whether the command was applied",
      "The shard had begun the command when its worker died, got stuck or took too long.",
      "Read the key before you decide. A write with If-Match or If-None-Match can be sent again"
          + " without harm."),
  BACKUP_NO_ROOM(
      507,
      "There is no room for a backup",
      "The disk of the backups or the store's own is full. Nothing is left of the backup; the store"
          + " goes on.",
      "Remove old backups, or choose another nebula.storage.backup-directory."),
  STORE_FULL(
      507,
      "The store is full",
      "There is no room for this write. Reads and deletes go on. If applied is unknown, the disk"
          + " ran full with this write in flight, and it may have been applied.",
      "Delete what is not needed, or have the disk or the store enlarged"
          + " (nebula.storage.memory.max-size). Writes are taken again by themselves.");

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

  int status() {
    return status;
  }

  String title() {
    return title;
  }

  String meaning() {
    return meaning;
  }

  String remedy() {
    return remedy;
  }

  String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<Problem> ofCode(String code) {
    return Arrays.stream(values()).filter(problem -> problem.code().equals(code)).findFirst();
  }

  /** The kind for an error of the container or the framework, of which only the status is known. */
  static Problem ofStatus(int status) {
    return switch (status) {
      case 404 -> NOT_FOUND;
      case 405 -> METHOD_NOT_ALLOWED;
      case 406 -> NOT_ACCEPTABLE;
      case 412 -> PRECONDITION_FAILED;
      case 413 -> CONTENT_TOO_LARGE;
      case 415 -> UNSUPPORTED_MEDIA_TYPE;
      case 503 -> SERVICE_UNAVAILABLE;
      // The client asked for an HTTP that is not spoken here; the server is well.
      case 501, 505 -> INVALID_REQUEST;
      default -> status < 500 ? INVALID_REQUEST : INTERNAL_ERROR;
    };
  }
}
