package dev.nebulastore.shard;

import java.util.Arrays;
import org.jctools.queues.MessagePassingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The messages that a worker has taken from its mailbox and executes now.
 *
 * <p>Threads: changed by the worker alone, under the lock of its mailbox; so the worker reads it
 * without that lock.
 */
final class CurrentBatch implements MessagePassingQueue.Consumer<MailboxMessage> {

  /** How many messages share a commit at most, apart from one that goes first. */
  static final int MAX_SIZE = 256;

  private final @Nullable MailboxMessage[] messages = new @Nullable MailboxMessage[MAX_SIZE + 1];
  private int size;

  @Override
  public void accept(MailboxMessage message) {
    messages[size++] = message;
  }

  void clear() {
    Arrays.fill(messages, 0, size, null);
    size = 0;
  }

  int size() {
    return size;
  }

  MailboxMessage get(int index) {
    MailboxMessage message = messages[index];
    if (message == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return message;
  }
}
