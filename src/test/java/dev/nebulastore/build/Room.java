package dev.nebulastore.build;

import java.util.List;
import java.util.stream.Stream;

/**
 * A room: a package under {@code dev.nebulastore}, the rooms that it may depend on, the names of
 * the types that it exposes to other rooms, and the reason for this rule.
 */
record Room(String name, List<String> sees, List<String> shows, String because) {

  static final String HOUSE = "dev.nebulastore";

  /** Stands for all types of a room. */
  static final String EVERYTHING = "*";

  /** The table of rooms. Each change needs a decision record in docs/decisions. */
  static final List<Room> ALL =
      List.of(
          room("kv", "the vocabulary must mean the same in every room").shows(EVERYTHING),
          room("ring", "the shard of a key depends only on the members and the key")
              .shows("HashRing", "Transfer"),
          room("time", "the simulation replaces time and threads in one place")
              .shows("Execution", "StoreClock"),
          room("storage", "an engine that depends on its callers can't be replaced")
              .sees("kv", "time")
              .shows(
                  "StorageEngine",
                  "ShardStore",
                  "Batch",
                  "Lookup",
                  "ShardFence",
                  "Write",
                  "Backups",
                  "Checkpoint",
                  "CheckpointRefused",
                  "StartRefused"),
          room("storage.memory", "an engine is used only through the interfaces of storage")
              .sees("kv", "storage", "time"),
          room("storage.rocksdb", "an engine is used only through the interfaces of storage")
              .sees("kv", "storage", "storage.rocksdb.directory", "storage.rocksdb.wal", "time"),
          room("storage.rocksdb.directory", "files that operators handle do not need the database")
              .sees("kv", "storage")
              .shows(
                  "DataDirectory",
                  "FolderCopy",
                  "CheckpointManifest",
                  "BackupFolder",
                  "DiskSpace",
                  "FreeSpace",
                  "DiskReserve",
                  "FileDescriptors",
                  "FileSystemProbe"),
          room("storage.rocksdb.wal", "a log is checked before anything relies on it")
              .shows("WriteAheadLog", "WalDamage", "WalSalvage", "LogTracking"),
          room("watch", "changes flow to the watchers, and nothing flows back")
              .sees("kv", "time")
              .shows("WatchHub", "Subscription", "WatchTarget", "EventId"),
          room("shard", "a worker does not depend on what routes to it or replaces it")
              .sees("kv", "storage", "time")
              .shows(
                  "ShardRegistry",
                  "CommandGateway",
                  "ShardListener",
                  "ShardStatus",
                  "Placement",
                  "WorkerKilled"),
          room("router", "it shares only the registry of workers with supervision")
              .sees("kv", "ring", "shard", "time")
              .shows("Keyspace", "ShardRouter", "Resizer", "Resize"),
          room("supervision", "it replaces dead workers without knowing their commands")
              .sees("shard", "time")
              .shows("ShardSupervisor", "SupervisionReport"),
          room("http", "the limits of a connection do not depend on its requests")
              .shows(
                  "AddressLimit",
                  "Admission",
                  "AdmissionPermit",
                  "CallerLimits",
                  "CallerMaximum",
                  "CallerUsage",
                  "ClientConnection",
                  "ClientPresence",
                  "ComputeThreads",
                  "ComputedAnswer",
                  "ConnectionLimit",
                  "ContentMemory",
                  "ErrorAnswers",
                  "MethodAdvice",
                  "OnManagementPort",
                  "OpenFileLimit",
                  "Overloaded",
                  "Peer",
                  "RawPath",
                  "Reply",
                  "ReservedHead",
                  "ServerSettings",
                  "ServletReply",
                  "TimeSlice"),
          room("http.fast", "event loops do not depend on what accepts their connections")
              .sees("http", "security")
              .shows("FastConnection", "FastHandler", "FastPath", "FastPathHost", "FastRequest"),
          // Tomcat creates its protocol by class name.
          room("http.tomcat", "a server that is used only through interfaces can be replaced")
              .sees("http", "http.fast")
              .shows("BoundedProtocol"),
          room("audit", "what was done is recorded without knowing how it was asked for")
              .sees("http", "security", "time")
              .shows("AuditEvent", "AuditReport", "AuditTrail", "ConditionalOnAudit", "KeyHash"),
          room("api.error", "all errors have the same format, whatever refuses the request")
              .sees("http", "kv", "security")
              .shows("AccessListener", "ApiException", "Problem", "Problems", "Refusal"),
          room("api.codec", "a format means the same in every request")
              .sees("api.error", "http", "kv", "time")
              .shows(
                  "AllowedMethods",
                  "ByteRange",
                  "ClientTime",
                  "Etag",
                  "HttpDate",
                  "KeyCodec",
                  "NestedJson",
                  "OperationParser",
                  "PreferHeader",
                  "QueryString",
                  "RequestLimits",
                  "StrictJson",
                  "Ttl",
                  "ValueJson",
                  "ValueReader"),
          room("api.answer", "an outcome gets the same response alone and in a batch")
              .sees("api.codec", "api.error", "http", "kv")
              .shows(
                  "OutcomeProblems",
                  "ProblemBoundary",
                  "Representation",
                  "ResponseWriter",
                  "ResultJsonWriter",
                  "ShareBudget"),
          room("api.audit", "both ways in and all endpoints are recorded alike")
              .sees(
                  "api.answer",
                  "api.codec",
                  "api.error",
                  "audit",
                  "http",
                  "kv",
                  "router",
                  "security")
              .shows("RequestAudit"),
          room("api.kv", "Tomcat and the fast path read requests and respond alike")
              .sees(
                  "api.answer",
                  "api.audit",
                  "api.codec",
                  "api.error",
                  "http",
                  "http.fast",
                  "kv",
                  "router",
                  "security",
                  "watch"),
          room("api.batch", "operations that are sent together can share a sync")
              .sees(
                  "api.answer",
                  "api.audit",
                  "api.codec",
                  "api.error",
                  "http",
                  "kv",
                  "router",
                  "security",
                  "time")
              .shows("Pipeline"),
          room("api.keys", "listings and deletions by prefix span shards without a common order")
              .sees(
                  "api.answer",
                  "api.audit",
                  "api.batch",
                  "api.codec",
                  "api.error",
                  "http",
                  "kv",
                  "router",
                  "security"),
          room("api.txn", "a transaction is one command for the router")
              .sees(
                  "api.answer",
                  "api.audit",
                  "api.codec",
                  "api.error",
                  "http",
                  "kv",
                  "router",
                  "security"),
          room("api.watch", "a stream of changes never uses the router")
              .sees("api.codec", "api.error", "http", "kv", "security", "watch"),
          room("api.access", "a request is refused before any handler sees it")
              .sees("api.audit", "api.codec", "api.error", "http", "security"),
          room("api", "HTTP is one way to use the store, and must not bypass the router")
              .sees("api.answer", "api.codec", "api.error", "http", "kv", "time"),
          room("ops", "it contains the rooms for operators, and no class of its own"),
          room("ops.endpoint", "operators read and change the state of the server here")
              .sees("http", "kv", "ring", "router", "shard", "storage", "supervision")
              .shows("ShardView"),
          room("ops.health", "health is computed from the state that each room reports")
              .sees(
                  "audit",
                  "kv",
                  "ops.endpoint",
                  "security",
                  "shard",
                  "storage",
                  "supervision",
                  "time"),
          room("ops.metrics", "a room counts, and does not know who publishes the numbers")
              .sees(
                  "audit",
                  "http",
                  "kv",
                  "ring",
                  "router",
                  "security",
                  "shard",
                  "storage",
                  "supervision",
                  "time",
                  "watch"),
          room("ops.startup", "a wrong setting is explained without knowing which room reads it")
              .sees("shard", "storage")
              .shows("DataSizeExtractor"),
          room("security", "access is decided before a room handles the request")
              .sees("kv", "time")
              .shows(
                  "AccessDenied",
                  "Caller",
                  "ConditionalOnIssuer",
                  "ConditionalOnTokens",
                  "Gate",
                  "IssuerReport",
                  "LoopbackByDefault",
                  "Refusals",
                  "RequestCaller",
                  "Role",
                  "Sha256",
                  "TokenCommand",
                  "TokensListener",
                  "TokensReport",
                  "VerificationUnavailable"),
          room("replication", "a Raft log is another way to order the same commands")
              .sees("kv", "storage", "shard"));

  Room {
    sees = List.copyOf(sees);
    shows = List.copyOf(shows);
  }

  String inPackage() {
    return HOUSE + "." + name;
  }

  /**
   * The packages of NebulaStore that this room may depend on: its own and those in {@code sees}.
   */
  String[] visible() {
    return Stream.concat(Stream.of(name), sees.stream())
        .map(room -> HOUSE + "." + room)
        .toArray(String[]::new);
  }

  boolean showsAll() {
    return shows.contains(EVERYTHING);
  }

  private static Room room(String name, String because) {
    return new Room(name, List.of(), List.of(), because);
  }

  private Room sees(String... rooms) {
    return new Room(name, List.of(rooms), shows, because);
  }

  private Room shows(String... types) {
    return new Room(name, sees, List.of(types), because);
  }
}
