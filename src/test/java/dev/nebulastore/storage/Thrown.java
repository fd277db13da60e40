package dev.nebulastore.storage;

/** What is thrown in tests where nobody expects it. */
public enum Thrown {
  /** There is no memory. */
  NO_MEMORY,
  /** The stack is at its end. */
  NO_STACK,
  /** A bug. */
  BUG,
  /** An Error of which nobody knows. */
  UNHEARD_OF;

  private static final class UnheardOf extends Error {
    UnheardOf(String message) {
      super(message);
    }
  }

  /** Throws it. */
  public void now() {
    String message = "thrown by a test";
    switch (this) {
      case NO_MEMORY -> throw new OutOfMemoryError(message);
      case NO_STACK -> throw new StackOverflowError(message);
      case BUG -> throw new IllegalStateException(message);
      case UNHEARD_OF -> throw new UnheardOf(message);
    }
  }
}
