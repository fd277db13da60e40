package dev.nebulastore.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.DeleteExchange;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.HttpExchange;
import org.springframework.web.service.annotation.PatchExchange;
import org.springframework.web.service.annotation.PostExchange;
import org.springframework.web.service.annotation.PutExchange;

/**
 * The operations of a NebulaStore server. The annotations say which request a method sends; Spring
 * creates the implementation at run time.
 *
 * {@snippet class="dev.nebulastore.client.NebulaStoreIT" region="first"}
 *
 * <p><b>Keys</b> are strings of 1 to 1,024 bytes in UTF-8. The client percent-encodes them, slashes
 * included, so the server gets the key that you pass.
 *
 * <p><b>Results</b> are typed, and an absent key is an empty {@link Optional}. Every failure is a
 * {@link NebulaStoreException}, and so is a condition that does not hold: a result could be
 * overlooked, and with it that nothing was written.
 *
 * <p><b>Retries.</b> Requests that failed temporarily are repeated, a limited number of times and
 * with growing pauses ({@link ClientSettings}): reads, and writes that the server reports as not
 * applied. A write whose outcome is unknown is never repeated.
 *
 * <p>Results are read from whole responses, not by message converters: a converter does not see the
 * status, and is not called for an empty body.
 *
 * <p>Threads: safe for use by multiple threads.
 */
@HttpExchange
public interface NebulaStore {

  /**
   * Returns the store at this URL, such as {@code http://localhost:8080}, with default settings.
   */
  static NebulaStore at(String url) {
    return at(url, ClientSettings.defaults());
  }

  /** Returns the store at this URL. */
  static NebulaStore at(String url, ClientSettings settings) {
    return new Connection(url, settings).open(NebulaStore.class);
  }

  /** Returns the entry of a key, if there is one. */
  @GetExchange("/kv/{key}")
  Optional<Entry> get(@PathVariable String key);

  /** Returns the entry of a key, unless the condition says that the caller has it already. */
  @GetExchange("/kv/{key}")
  Reading get(@PathVariable String key, Condition condition);

  /**
   * Waits until the entry has another version than {@link Condition#differsFrom} names, or, without
   * a condition, until the key is present.
   *
   * {@snippet class="dev.nebulastore.client.LongPollIT" region="await"}
   */
  @GetExchange("/kv/{key}")
  Reading await(
      @PathVariable String key, Condition condition, @RequestHeader("Prefer") Wait preference);

  /** Returns the metadata of a key, if it is present. */
  @HttpExchange(method = "HEAD", url = "/kv/{key}")
  Optional<Metadata> head(@PathVariable String key);

  /** Stores a value that does not expire. */
  @PutExchange("/kv/{key}")
  Written put(@PathVariable String key, @RequestBody Value value);

  /**
   * Stores a value that does not expire, if the condition holds.
   *
   * {@snippet class="dev.nebulastore.client.NebulaStoreIT" region="compare-and-set"}
   */
  @PutExchange("/kv/{key}")
  Written put(@PathVariable String key, @RequestBody Value value, Condition condition);

  /** Stores a value that expires after one second to ten years. */
  @PutExchange("/kv/{key}")
  Written put(@PathVariable String key, @RequestBody Value value, @RequestParam Duration ttl);

  /** Stores a value that expires, if the condition holds. */
  @PutExchange("/kv/{key}")
  Written put(
      @PathVariable String key,
      @RequestBody Value value,
      @RequestParam Duration ttl,
      Condition condition);

  /**
   * Adds to the number that the entry holds, atomically. An absent key counts as 0. The entry does
   * not expire, whatever it did before.
   *
   * <p>If the outcome is unknown, another attempt may add twice. With {@link Condition#matches} it
   * adds at most once.
   *
   * {@snippet class="dev.nebulastore.client.NebulaStoreIT" region="add"}
   *
   * @param amount may be negative, or 0, which also writes
   * @throws NebulaStoreException with the code {@code not-a-number} if the value is no decimal
   *     number within 64 bits, or the sum would not be one
   */
  @PostExchange("/kv/{key}")
  Added add(@PathVariable String key, @RequestParam("add") long amount);

  /** Adds to a number as {@link #add(String, long)} does, if the condition holds. */
  @PostExchange("/kv/{key}")
  Added add(@PathVariable String key, @RequestParam("add") long amount, Condition condition);

  /** Adds to a number as {@link #add(String, long)} does; the entry expires. */
  @PostExchange("/kv/{key}")
  Added add(@PathVariable String key, @RequestParam("add") long amount, @RequestParam Duration ttl);

  /** Adds to a number as {@link #add(String, long)} does, if the condition holds; it expires. */
  @PostExchange("/kv/{key}")
  Added add(
      @PathVariable String key,
      @RequestParam("add") long amount,
      @RequestParam Duration ttl,
      Condition condition);

  /** Sets the time to live of an entry, from now on; empty if the key is absent. */
  @PatchExchange("/kv/{key}")
  Optional<Written> touch(@PathVariable String key, @RequestParam Duration ttl);

  /** Sets the time to live of an entry, from now on, if the condition holds. */
  @PatchExchange("/kv/{key}")
  Optional<Written> touch(
      @PathVariable String key, @RequestParam Duration ttl, Condition condition);

  /** Removes the time to live of an entry; empty if the key is absent. */
  @PatchExchange("/kv/{key}?ttl=none")
  Optional<Written> keep(@PathVariable String key);

  /** Removes the time to live of an entry, if the condition holds. */
  @PatchExchange("/kv/{key}?ttl=none")
  Optional<Written> keep(@PathVariable String key, Condition condition);

  /** Deletes a key, if it is present. */
  @DeleteExchange("/kv/{key}")
  void delete(@PathVariable String key);

  /** Deletes a key, if the condition holds. */
  @DeleteExchange("/kv/{key}")
  void delete(@PathVariable String key, Condition condition);

  /**
   * Returns the first 100 keys with a prefix, in the order of their bytes.
   *
   * {@snippet class="dev.nebulastore.client.ListingIT" region="pages"}
   */
  @GetExchange("/keys")
  KeyPage page(@RequestParam String prefix);

  /**
   * Returns a page of the keys with a prefix.
   *
   * @param delimiter keys that are equal up to it are listed once, as a prefix; null for none
   * @param limit the size of the page, up to 1,000; null for 100
   * @param cursor the cursor of the previous page; null for the first page
   */
  @GetExchange("/keys")
  KeyPage page(
      @RequestParam String prefix,
      @RequestParam(required = false) @Nullable String delimiter,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor);

  /**
   * Returns all keys with a prefix, read as they arrive. Close the stream.
   *
   * {@snippet class="dev.nebulastore.client.ListingIT" region="keys"}
   */
  @GetExchange(url = "/keys", accept = "application/x-ndjson")
  Stream<ListedKey> keys(@RequestParam String prefix);

  /** Returns the first entries with a prefix: up to 100, or 1 MB of values. */
  @GetExchange("/keys?values=true")
  EntryPage entries(@RequestParam String prefix);

  /**
   * Returns a page of the entries with a prefix. It ends when its values reach 1 MB, or the largest
   * size of a value if that is more.
   *
   * {@snippet class="dev.nebulastore.client.ListingIT" region="entries"}
   *
   * @param delimiter keys that are equal up to it are listed once, as a prefix; null for none
   * @param limit the size of the page, up to 1,000; null for 100
   * @param cursor the cursor of the previous page; null for the first page
   */
  @GetExchange("/keys?values=true")
  EntryPage entries(
      @RequestParam String prefix,
      @RequestParam(required = false) @Nullable String delimiter,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor);

  /**
   * Returns all entries with a prefix, read as they arrive, as the operations that store them.
   * Close the stream.
   *
   * {@snippet class="dev.nebulastore.client.ListingIT" region="dump"}
   */
  @GetExchange(url = "/keys?values=true", accept = "application/x-ndjson")
  Stream<Operation> dump(@RequestParam String prefix);

  /** Counts the keys with a prefix, up to 100,000 of them. */
  @GetExchange("/keys?count=true")
  KeyCount count(@RequestParam String prefix);

  /** Goes on counting where a count has ended. */
  @GetExchange("/keys?count=true")
  KeyCount count(@RequestParam String prefix, @RequestParam String cursor);

  /**
   * Deletes all keys with a prefix, one by one, and returns their number.
   *
   * @throws NebulaStoreException with the code {@code everything-required} if the prefix is empty
   */
  @DeleteExchange("/keys")
  long deleteAll(@RequestParam String prefix);

  /** Deletes all keys, one by one, and returns their number. */
  @DeleteExchange("/keys?prefix=&everything=true")
  long deleteEverything();

  /** Returns how many keys {@link #deleteAll} would delete, and deletes none. */
  @DeleteExchange("/keys?dry-run=true")
  long countToDelete(@RequestParam String prefix);

  /**
   * Sets the time to live of all entries with a prefix, one by one, and returns their number.
   *
   * @throws NebulaStoreException with the code {@code everything-required} if the prefix is empty
   */
  @PatchExchange("/keys")
  long touchAll(@RequestParam String prefix, @RequestParam Duration ttl);

  /** Removes the time to live of all entries with a prefix, one by one; returns their number. */
  @PatchExchange("/keys?ttl=none")
  long keepAll(@RequestParam String prefix);

  /**
   * Applies operations independently of each other, those of one key in their order. The results
   * are in the order of the operations. If the response breaks off, some may have been applied.
   */
  @PostExchange(url = "/batch", accept = "application/x-ndjson")
  List<Result> batch(@RequestBody Operations operations);

  /** Does the same as {@link #batch(Operations)}. */
  default List<Result> batch(Operation... operations) {
    return batch(new Operations(List.of(operations)));
  }

  /**
   * Applies any number of operations, 256 per request, as the results are read.
   *
   * {@snippet class="dev.nebulastore.client.BatchIT" region="stream"}
   */
  default Stream<Result> batch(Stream<Operation> operations) {
    return Windows.of(operations, Operations.AT_A_TIME)
        .flatMap(some -> batch(new Operations(some)).stream());
  }

  /** Applies a transaction. */
  @PostExchange("/txn")
  Transaction.Done transact(@RequestBody Transaction transaction);

  /** Watches a key from now on. */
  @GetExchange(url = "/watch", accept = "text/event-stream")
  Watch watchKey(@RequestParam String key);

  /**
   * Watches a key.
   *
   * @param values whether events of writes have the value
   * @param since the id of the event to continue after; null for now
   */
  @GetExchange(url = "/watch", accept = "text/event-stream")
  Watch watchKey(
      @RequestParam String key,
      @RequestParam boolean values,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String since);

  /** Watches all keys with a prefix, from now on. */
  @GetExchange(url = "/watch", accept = "text/event-stream")
  Watch watchPrefix(@RequestParam String prefix);

  /**
   * Watches all keys with a prefix.
   *
   * @param values whether events of writes have the value
   * @param since the id of the event to continue after; null for now
   */
  @GetExchange(url = "/watch", accept = "text/event-stream")
  Watch watchPrefix(
      @RequestParam String prefix,
      @RequestParam boolean values,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String since);

  /** Watches several keys and prefixes, from now on. */
  @GetExchange(url = "/watch", accept = "text/event-stream")
  Watch watch(WatchTargets targets);

  /**
   * Watches several keys and prefixes.
   *
   * @param since the id of the event to continue after; null for now
   */
  @GetExchange(url = "/watch", accept = "text/event-stream")
  Watch watch(
      WatchTargets targets,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String since);
}
