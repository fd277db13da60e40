package dev.nebulastore.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Gatherers;
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
 * A NebulaStore, from a program's side. What a method does over HTTP is in its annotations; Spring
 * makes the implementation at run time.
 *
 * {@snippet class="dev.nebulastore.client.NebulaStoreTests" region="first"}
 *
 * <p><b>Keys</b> are any text of 1 to 1,024 bytes of UTF-8, as the server defines them. They are
 * percent-encoded on the way, slashes too, and arrive as they are.
 *
 * <p><b>Answers</b> are typed: what can be expected is a result, an absent key an empty {@link
 * Optional}. All else is a {@link NebulaStoreException}, a condition that does not hold included: a
 * result could be overlooked, and with it that nothing was written.
 *
 * <p><b>Attempts.</b> What failed for now is tried again, a bounded number of times and with
 * growing pauses ({@link ClientSettings}): reads, and those writes of which the server says that
 * they were not applied. A write whose outcome is unknown is never repeated.
 *
 * <p>Why the results are made from whole answers and not by message converters: these see no
 * status, and none is asked where a value has no bytes.
 *
 * <p>Threads: safe for all.
 */
@HttpExchange
public interface NebulaStore {

  /**
   * The store at this address, such as {@code http://localhost:8080}, with the default settings.
   */
  static NebulaStore at(String url) {
    return at(url, ClientSettings.defaults());
  }

  /** The store at this address. */
  static NebulaStore at(String url, ClientSettings settings) {
    return new Connection(url, settings).open();
  }

  /** The entry of a key, if there is one. */
  @GetExchange("/kv/{key}")
  Optional<Entry> get(@PathVariable String key);

  /** The entry of a key, unless the reader has it already. */
  @GetExchange("/kv/{key}")
  Reading get(@PathVariable String key, Condition condition);

  /**
   * Waits until the entry differs from the version that {@link Condition#differsFrom} names, or,
   * without a condition, until there is one.
   *
   * {@snippet class="dev.nebulastore.client.LongPollTests" region="await"}
   */
  @GetExchange("/kv/{key}")
  Reading await(
      @PathVariable String key, Condition condition, @RequestHeader("Prefer") Wait preference);

  /** What is known of a key's entry without its bytes, if there is one. */
  @HttpExchange(method = "HEAD", url = "/kv/{key}")
  Optional<Metadata> head(@PathVariable String key);

  /** Stores a value for good. */
  @PutExchange("/kv/{key}")
  Written put(@PathVariable String key, @RequestBody Value value);

  /**
   * Stores a value for good, if the condition holds.
   *
   * {@snippet class="dev.nebulastore.client.NebulaStoreTests" region="compare-and-set"}
   */
  @PutExchange("/kv/{key}")
  Written put(@PathVariable String key, @RequestBody Value value, Condition condition);

  /** Stores a value for a time, from a second to ten years. */
  @PutExchange("/kv/{key}")
  Written put(@PathVariable String key, @RequestBody Value value, @RequestParam Duration ttl);

  /** Stores a value for a time, if the condition holds. */
  @PutExchange("/kv/{key}")
  Written put(
      @PathVariable String key,
      @RequestBody Value value,
      @RequestParam Duration ttl,
      Condition condition);

  /** Lets an entry live for this time from now on; empty if there is none. */
  @PatchExchange("/kv/{key}")
  Optional<Written> touch(@PathVariable String key, @RequestParam Duration ttl);

  /** Lets an entry live for this time from now on, if the condition holds. */
  @PatchExchange("/kv/{key}")
  Optional<Written> touch(
      @PathVariable String key, @RequestParam Duration ttl, Condition condition);

  /** Lets an entry live for good; empty if there is none. */
  @PatchExchange("/kv/{key}?ttl=none")
  Optional<Written> keep(@PathVariable String key);

  /** Lets an entry live for good, if the condition holds. */
  @PatchExchange("/kv/{key}?ttl=none")
  Optional<Written> keep(@PathVariable String key, Condition condition);

  /** Deletes a key; nothing happens if there is none. */
  @DeleteExchange("/kv/{key}")
  void delete(@PathVariable String key);

  /** Deletes a key, if the condition holds. */
  @DeleteExchange("/kv/{key}")
  void delete(@PathVariable String key, Condition condition);

  /**
   * The first keys that begin with a prefix, in the order of their bytes.
   *
   * {@snippet class="dev.nebulastore.client.ListingTests" region="pages"}
   */
  @GetExchange("/keys")
  KeyPage page(@RequestParam String prefix);

  /**
   * Keys that begin with a prefix.
   *
   * @param delimiter keys that share what comes up to it are told once, as a prefix; null for none
   * @param limit how many there are on a page, up to 1,000; null for 100
   * @param cursor of the page before; null for the first page
   */
  @GetExchange("/keys")
  KeyPage page(
      @RequestParam String prefix,
      @RequestParam(required = false) @Nullable String delimiter,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor);

  /**
   * All keys that begin with a prefix, read while they come: close the stream.
   *
   * {@snippet class="dev.nebulastore.client.ListingTests" region="keys"}
   */
  @GetExchange(url = "/keys", accept = "application/x-ndjson")
  Stream<ListedKey> keys(@RequestParam String prefix);

  /** Deletes all keys that begin with a prefix, one by one; how many there were. */
  @DeleteExchange("/keys")
  long deleteAll(@RequestParam String prefix);

  /**
   * Carries out operations, each for itself; those of one key in their order. The results are in
   * the order of the operations. If the answer breaks off, some may have been done.
   */
  @PostExchange(url = "/batch", accept = "application/x-ndjson")
  List<Result> batch(@RequestBody Operations operations);

  /** As {@link #batch(Operations)}. */
  default List<Result> batch(Operation... operations) {
    return batch(new Operations(List.of(operations)));
  }

  /**
   * Carries out any number of operations, a bounded number at a time, while the results are read.
   *
   * {@snippet class="dev.nebulastore.client.BatchTests" region="stream"}
   */
  default Stream<Result> batch(Stream<Operation> operations) {
    return operations
        .gather(Gatherers.windowFixed(Operations.AT_A_TIME))
        .flatMap(some -> batch(new Operations(some)).stream());
  }

  /** Carries out a transaction. */
  @PostExchange("/txn")
  Transaction.Done transact(@RequestBody Transaction transaction);

  /** Watches a key from now on. */
  @GetExchange(url = "/watch", accept = "text/event-stream")
  Watch watchKey(@RequestParam String key);

  /**
   * Watches a key.
   *
   * @param values whether values are told too
   * @param since the id of the event behind which it begins; null for now
   */
  @GetExchange(url = "/watch", accept = "text/event-stream")
  Watch watchKey(
      @RequestParam String key,
      @RequestParam boolean values,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String since);

  /** Watches all keys that begin with a prefix, from now on. */
  @GetExchange(url = "/watch", accept = "text/event-stream")
  Watch watchPrefix(@RequestParam String prefix);

  /**
   * Watches all keys that begin with a prefix.
   *
   * @param values whether values are told too
   * @param since the id of the event behind which it begins; null for now
   */
  @GetExchange(url = "/watch", accept = "text/event-stream")
  Watch watchPrefix(
      @RequestParam String prefix,
      @RequestParam boolean values,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String since);
}
