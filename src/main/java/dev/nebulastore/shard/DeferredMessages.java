package dev.nebulastore.shard;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Messages that a worker has taken from its mailbox and can't execute yet: commands whose entry is
 * being read from disk, and barrier requests. They are kept in the order in which they were
 * deferred, so that a successor starts with the oldest.
 *
 * <p>Threads: guarded by the lock of the mailbox.
 */
final class DeferredMessages {

  private final Set<MailboxMessage> deferred = new LinkedHashSet<>();
  private final List<MailboxMessage> resumed = new ArrayList<>();

  int size() {
    return deferred.size();
  }

  void add(MailboxMessage message) {
    deferred.add(message);
  }

  /**
   * These belong to the current batch from now on, until {@link #removeResumed}. Commands that are
   * answered already are removed at once.
   */
  void resume(List<? extends MailboxMessage> messages) {
    for (MailboxMessage message : messages) {
      if (message instanceof PendingCommand call && call.isAnswered()) {
        deferred.remove(message);
      } else {
        resumed.add(message);
      }
    }
  }

  /** Removes what was resumed in the batch that has ended. */
  void removeResumed() {
    resumed.forEach(deferred::remove);
    resumed.clear();
  }

  void forEach(Consumer<MailboxMessage> action) {
    deferred.forEach(action);
  }
}
