package dev.nebulastore.security;

import dev.nebulastore.security.Token.Credential;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The command that creates a token: {@code java -jar nebulastore.jar token new --role=read}. It
 * needs no server, and changes no file.
 *
 * <p>Prints two lines to the standard output: the token, and its line for the tokens file. What
 * explains them goes to the standard error, so that a script reads the two lines. For a caller with
 * a certificate there is no token, and only the line is printed.
 *
 * <p>Threads: confined to one thread.
 */
public final class TokenCommand {

  /** The word that begins the command. */
  public static final String NAME = "token";

  private static final String USAGE =
      """
      Usage: java -jar nebulastore.jar token new --role=<role> [options]

      Creates a token, and prints two lines: the token for the client, which is shown only
      once, and its line for the file that nebula.security.tokens-file names.

        --role=<role>         read, write, metrics or admin; several with commas, or repeated
        --prefix=<prefix>     only keys that begin with it, percent-encoded as in a path of
                              /kv/; may be repeated; by default all keys
        --id=<id>             names the caller: 1 to 32 of a to z, 0 to 9 and hyphens; by
                              default random
        --subject=<subject>   no token: the caller has a certificate with this subject, such
                              as CN=ci,O=Acme; only the line is printed
        --expires=<when>      90d, 12h or 30m from now, or 2027-01-31T00:00:00Z; by default
                              never
        --help                prints this
      """;

  private static final int DONE = 0;
  private static final int NOT_PRINTED = 1;
  private static final int MISUSED = 2;

  private static final String ID_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final int ID_LENGTH = 8;

  private final PrintStream out;
  private final PrintStream err;
  private final RandomGenerator random;
  private final InstantSource clock;

  /**
   * A command that is not run yet.
   *
   * @param random makes the secret, so it must be a {@link java.security.SecureRandom}, except in
   *     tests
   */
  public TokenCommand(
      PrintStream out, PrintStream err, RandomGenerator random, InstantSource clock) {
    this.out = out;
    this.err = err;
    this.random = random;
    this.clock = clock;
  }

  /**
   * Runs the command.
   *
   * @param args those after its name
   * @return the exit code: 0, or 1 if the standard output can't be written, or 2 if the arguments
   *     are wrong
   */
  public int run(List<String> args) {
    if (args.isEmpty() || args.contains("--help")) {
      out.print(USAGE);
      return DONE;
    }
    try {
      if (!args.getFirst().equals("new")) {
        throw new TokenOptions.Misuse(
            "Unknown command \"token %s\"; there is: token new.".formatted(args.getFirst()));
      }
      print(TokenOptions.parse(args.subList(1, args.size()), clock.instant()));
    } catch (TokenOptions.Misuse e) {
      err.println(e.getMessage());
      err.println();
      err.print(USAGE);
      return MISUSED;
    }
    return out.checkError() ? NOT_PRINTED : DONE;
  }

  private void print(TokenOptions options) {
    String id = options.id() == null ? randomId() : options.id();
    Credential credential =
        options.subject() == null ? printSecret(id) : new Credential.Certificate(options.subject());
    err.println(
        "The line for the tokens file (nebula.security.tokens-file). Append it; a running server"
            + " loads it within seconds:");
    out.println(
        TokenLine.format(
            new Token(id, credential, options.roles(), options.prefixes(), options.expires())));
  }

  private Credential printSecret(String id) {
    byte[] secret = new byte[TokenText.SECRET_BYTES];
    random.nextBytes(secret);
    String text = TokenText.of(id, secret);
    err.println(
        "The token, shown only once. A client sends it as \"Authorization: Bearer <token>\":");
    out.println(text);
    return new Credential.Secret(HexFormat.of().formatHex(TokenText.sha256(text)));
  }

  private String randomId() {
    StringBuilder id = new StringBuilder();
    for (int i = 0; i < ID_LENGTH; i++) {
      id.append(ID_CHARACTERS.charAt(random.nextInt(ID_CHARACTERS.length())));
    }
    return id.toString();
  }
}
