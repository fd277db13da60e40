package dev.nebulastore.security;

/**
 * Tells in one line why a tokens file can't be used. Its message completes the sentence "The tokens
 * file …", and repeats no hash and nothing that may be a token.
 */
final class UnusableTokenFile extends Exception {

  UnusableTokenFile(String message) {
    super(message);
  }

  /**
   * What is wrong in a line.
   *
   * @param number counts from 1
   */
  static UnusableTokenFile inLine(int number, String what) {
    return new UnusableTokenFile("has an error in line " + number + ": " + what);
  }
}
