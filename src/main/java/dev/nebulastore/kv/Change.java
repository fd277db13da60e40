package dev.nebulastore.kv;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a command did to one key. The changes of a shard, by revision, are its log. */
public sealed interface Change {

  /** The key that changed. */
  Key key();

  /** The place of this change in the shard's log. */
  Revision revision();

  /** When it was decided, in store time. */
  Instant at();

  /** What it is. */
  Kind kind();

  /** The entry afterwards; null if there is none. */
  default @Nullable Entry entry() {
    return null;
  }

  /** What a change is; a watcher may choose. */
  enum Kind {
    PUT,
    TOUCH,
    DELETE,
    EXPIRE
  }

  /** There is an entry afterwards, which says when it was written, and under which revision. */
  sealed interface Written extends Change {
    @Override
    Entry entry();

    @Override
    default Key key() {
      return entry().key();
    }

    @Override
    default Revision revision() {
      return entry().revision();
    }

    @Override
    default Instant at() {
      return entry().modified();
    }
  }

  /** The entry was written. */
  record Put(Entry entry) implements Written {
    @Override
    public Kind kind() {
      return Kind.PUT;
    }
  }

  /** Only the expiry of the entry was changed. */
  record Touch(Entry entry) implements Written {
    @Override
    public Kind kind() {
      return Kind.TOUCH;
    }
  }

  /** The entry was deleted at this time. */
  record Delete(Key key, Revision revision, Instant at) implements Change {
    @Override
    public Kind kind() {
      return Kind.DELETE;
    }
  }

  /** The entry was found to be past its expiry at this time, and removed. */
  record Expire(Key key, Revision revision, Instant at) implements Change {
    @Override
    public Kind kind() {
      return Kind.EXPIRE;
    }
  }
}
