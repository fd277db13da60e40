package dev.nebulastore.storage;

/** Throwables that tests inject. */
public enum Thrown {
  /** Lack of memory. */
  NO_MEMORY,
  /** A stack overflow. */
  NO_STACK,
  /** A bug. */
  BUG,
  /** An Error that no code knows. */
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
