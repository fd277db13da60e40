package dev.nebulastore.build;

import java.util.List;
import java.util.stream.Stream;

/**
 * A room of the house: a package under {@code dev.nebulastore}, the rooms that it may see, the
 * names of the types that it shows to other rooms, and why its walls stand where they do.
 */
record Room(String name, List<String> sees, List<String> shows, String because) {

  static final String HOUSE = "dev.nebulastore";

  /** Stands for all types of a room. */
  static final String EVERYTHING = "*";

  /** The table of the house; to change a line is a decision, recorded in docs/decisions. */
  static final List<Room> ALL =
      List.of(
          room("kv", "the words must mean the same in every room").shows(EVERYTHING),
          room("ring", "where a key lives depends on the members and the key alone")
              .shows("HashRing", "Transfer"),
          room("storage", "an engine that knows who calls it can't be replaced")
              .sees("kv")
              .shows(
                  "StorageEngine",
                  "ShardStore",
                  "Batch",
                  "Lookup",
                  "ShardFence",
                  "Write",
                  "Backups",
                  "StartRefused"),
          room("storage.memory", "an engine is reached through the ports alone")
              .sees("kv", "storage"),
          room("storage.rocksdb", "an engine is reached through the ports alone")
              .sees("kv", "storage"),
          room("watch", "changes flow to the watchers, nothing runs back up")
              .sees("kv")
              .shows("WatchHub", "Subscription", "WatchTarget", "EventId"),
          room("shard", "a worker serves whoever routes to it or replaces it")
              .sees("kv", "storage")
              .shows("ShardWorkers", "ShardStatus", "Placement"),
          room("router", "it meets supervision at the table of workers, nowhere else")
              .sees("kv", "ring", "shard")
              .shows("Keyspace", "ShardRouter", "Resizer", "Resize"),
          room("supervision", "it replaces what died without knowing what was asked of it")
              .sees("shard")
              .shows("ShardSupervisor", "SupervisionReport", "BarrierTooLong"),
          room("http", "what a connection may take has nothing to do with what is asked on it")
              .shows(
                  "BoundedProtocol",
                  "Admission",
                  "ContentMemory",
                  "Peer",
                  "ClientPresence",
                  "ComputeThreads",
                  "TimeSlice",
                  "OpenFileLimit",
                  "Overloaded",
                  "ReservedHead",
                  "FastHandler",
                  "FastRequest",
                  "ResponseBuffer"),
          room("api", "HTTP is one way in, and must not reach round the router")
              .sees("http", "kv", "router", "watch"),
          room("ops", "it looks at everything and serves no one inside")
              .sees("http", "kv", "ring", "router", "shard", "storage", "supervision", "watch"),
          room("client", "a library that other programs take can't bring the server along")
              .shows(
                  "NebulaStore",
                  "NebulaStoreException",
                  "ClientSettings",
                  "Condition",
                  "Entry",
                  "Event",
                  "KeyPage",
                  "ListedKey",
                  "Metadata",
                  "Operation",
                  "Operations",
                  "Reading",
                  "Result",
                  "Transaction",
                  "Value",
                  "Wait",
                  "Watch",
                  "Written"),
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

  /** The packages of the house that the code of this room may name: its own and those it sees. */
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
