package dev.nebulastore.kv;

import java.time.Instant;

/** What a command did to one key. The changes of a shard, by revision, are its log. */
public sealed interface Change {

  /** The key that changed. */
  Key key();

  /** The place of this change in the shard's log. */
  Revision revision();

  /** When it was decided, in store time. */
  Instant at();

  /** The entry was written. */
  record Put(Entry entry) implements Change {
    @Override
    public Key key() {
      return entry.key();
    }

    @Override
    public Revision revision() {
      return entry.revision();
    }

    @Override
    public Instant at() {
      return entry.modified();
    }
  }

  /** The entry was deleted at this time. */
  record Delete(Key key, Revision revision, Instant at) implements Change {}

  /** The entry was found to be past its expiry at this time, and removed. */
  record Expire(Key key, Revision revision, Instant at) implements Change {}
}
