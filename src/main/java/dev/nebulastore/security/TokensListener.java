package dev.nebulastore.security;

/** Is told what becomes of a tokens file that has changed. Neither throws nor waits. */
public interface TokensListener {

  /** Does nothing. */
  TokensListener NONE =
      new TokensListener() {
        @Override
        public void tokensLoaded(int tokens) {}

        @Override
        public void tokensRefused(String reason) {}
      };

  /** The file was loaded, so that this many tokens are in use. */
  void tokensLoaded(int tokens);

  /** The file can't be used; the reason is a sentence without secrets. */
  void tokensRefused(String reason);
}
