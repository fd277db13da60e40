package dev.nebulastore.build;

import java.util.List;
import java.util.stream.Stream;

/**
 * A room: a package under {@code dev.nebulastore}, the rooms that it may see, the names of the
 * types that it shows to other rooms, and the reason for this rule.
 */
record Room(String name, List<String> sees, List<String> shows, String because) {

  static final String HOUSE = "dev.nebulastore";

  /** Stands for all types of a room. */
  static final String EVERYTHING = "*";

  /** The table of rooms. A change is a decision, recorded in docs/decisions. */
  static final List<Room> ALL =
      List.of(
          room("kv", "the words must mean the same in every room").shows(EVERYTHING),
          room("ring", "where a key lives depends on the members and the key alone")
              .shows("HashRing", "Transfer"),
          room("time", "a simulation replaces time and threads at one place")
              .shows("Execution", "StoreClock"),
          room("storage", "an engine that knows who calls it can't be replaced")
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
          room("storage.memory", "an engine is reached through the ports alone")
              .sees("kv", "storage", "time"),
          room("storage.rocksdb", "an engine is reached through the ports alone")
              .sees("kv", "storage", "storage.rocksdb.directory", "storage.rocksdb.wal", "time"),
          room("storage.rocksdb.directory", "the files of an operator are not the database's")
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
          room("storage.rocksdb.wal", "a log is judged before anything trusts it")
              .shows("WriteAheadLog", "WalDamage", "WalSalvage", "LogTracking"),
          room("watch", "changes flow to the watchers, nothing runs back up")
              .sees("kv", "time")
              .shows("WatchHub", "Subscription", "WatchTarget", "EventId"),
          room("shard", "a worker serves whoever routes to it or replaces it")
              .sees("kv", "storage", "time")
              .shows(
                  "ShardRegistry",
                  "CommandGateway",
                  "ShardListener",
                  "ShardStatus",
                  "Placement",
                  "WorkerKilled"),
          room("router", "it meets supervision at the registry of workers, nowhere else")
              .sees("kv", "ring", "shard", "time")
              .shows("Keyspace", "ShardRouter", "Resizer", "Resize"),
          room("supervision", "it replaces what died without knowing what was asked of it")
              .sees("shard", "time")
              .shows("ShardSupervisor", "SupervisionReport"),
          room("http", "what a connection may take has nothing to do with what is asked on it")
              .shows(
                  "Admission",
                  "AdmissionPermit",
                  "ClientConnection",
                  "ClientPresence",
                  "ComputeThreads",
                  "ComputedAnswer",
                  "ConnectionLimit",
                  "ContentMemory",
                  "ErrorAnswers",
                  "OpenFileLimit",
                  "Overloaded",
                  "Peer",
                  "RawPath",
                  "Reply",
                  "ReservedHead",
                  "ServerSettings",
                  "ServletReply",
                  "TimeSlice"),
          room("http.fast", "event loops serve whatever accepts connections for them")
              .sees("http")
              .shows("FastConnection", "FastHandler", "FastPath", "FastPathHost", "FastRequest"),
          // Tomcat creates its protocol by class name.
          room("http.tomcat", "a server that is reached through interfaces can be replaced")
              .sees("http", "http.fast")
              .shows("BoundedProtocol"),
          room("api.error", "a client gets one kind of error, whatever refuses it")
              .sees("http", "kv")
              .shows("ApiException", "Problem", "Problems", "Refusal"),
          room("api.codec", "a spelling means the same in each request that has it")
              .sees("api.error", "http", "kv", "time")
              .shows(
                  "AllowedMethods",
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
          room("api.answer", "an outcome is answered alike, alone or among others")
              .sees("api.codec", "api.error", "http", "kv")
              .shows(
                  "OutcomeProblems",
                  "ProblemBoundary",
                  "Representation",
                  "ResponseWriter",
                  "ResultJsonWriter",
                  "ShareBudget"),
          room("api.kv", "both ways in to a key read and answer alike")
              .sees(
                  "api.answer",
                  "api.codec",
                  "api.error",
                  "http",
                  "http.fast",
                  "kv",
                  "router",
                  "watch"),
          room("api.batch", "operations in a row share what one at a time can't")
              .sees("api.answer", "api.codec", "api.error", "http", "kv", "router", "time")
              .shows("Pipeline"),
          room("api.keys", "listing and deleting many keys pass by the shards' order")
              .sees("api.answer", "api.batch", "api.codec", "api.error", "http", "kv", "router"),
          room("api.txn", "a transaction is one command to the router")
              .sees("api.answer", "api.codec", "api.error", "http", "kv", "router"),
          room("api.watch", "a stream of changes never asks the router")
              .sees("api.codec", "api.error", "http", "kv", "watch"),
          room("api", "HTTP is one way in, and must not reach round the router")
              .sees("api.answer", "api.codec", "api.error", "http", "kv", "time"),
          room("ops", "it holds the rooms of an operator, and no class of its own"),
          room("ops.endpoint", "an operator reads the state of the server and changes it here")
              .sees("kv", "ring", "router", "shard", "storage", "supervision")
              .shows("ShardView"),
          room("ops.health", "health is computed from the state that each room reports")
              .sees("kv", "ops.endpoint", "shard", "storage", "supervision", "time"),
          room("ops.metrics", "a room counts, and does not know where the numbers go")
              .sees(
                  "http",
                  "kv",
                  "ring",
                  "router",
                  "shard",
                  "storage",
                  "supervision",
                  "time",
                  "watch"),
          room("ops.startup", "a wrong setting is explained without knowing who reads it")
              .sees("shard", "storage")
              .shows("DataSizeExtractor"),
          room("security", "who may do what is decided before a room is entered").sees("kv"),
          room("replication", "a Raft log is another way to order the same commands")
              .sees("kv", "storage", "shard"));

  Room {
    sees = List.copyOf(sees);
    shows = List.copyOf(shows);
  }

  String inPackage() {
    return HOUSE + "." + name;
  }

  /** The packages of NebulaStore that this room may depend on: its own and those that it sees. */
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
