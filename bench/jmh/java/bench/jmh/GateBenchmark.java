package bench.jmh;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nebulastore.kv.Key;
import dev.nebulastore.security.Caller;
import dev.nebulastore.security.Gate;
import dev.nebulastore.security.Role;
import dev.nebulastore.security.TokenCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What the gate adds to a request of the fast path: who sends it, and whether that is allowed. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class GateBenchmark {

  @Param({"open", "protected", "tokens"})
  public String mode = "";

  private final Key key = House.key(1);
  private @Nullable House house;
  private @Nullable Gate gate;
  private Gate.@Nullable Sender sender;

  @Setup
  public void open() {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      PrintStream unread = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
      new TokenCommand(
              new PrintStream(out, true, UTF_8), unread, new SecureRandom(), InstantSource.system())
          .run(List.of("new", "--role=read,write", "--prefix=key:"));
      List<String> lines = out.toString(UTF_8).lines().toList();
      Path file =
          Files.createTempFile(
              "tokens",
              "",
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, lines.getLast());
      house =
          House.start(
              mode.equals("tokens")
                  ? "nebula.security.tokens-file=" + file
                  : "nebula.security.mode=" + mode);
      Files.delete(file);
      gate = house.context().getBean(Gate.class);
      sender =
          new Gate.Sender(
              InetAddress.getLoopbackAddress(), false, "localhost", "Bearer " + lines.getFirst());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @TearDown
  public void close() {
    if (house != null) {
      house.close();
    }
  }

  @Benchmark
  public @Nullable Caller identify() {
    if (gate == null || sender == null) {
      throw new IllegalStateException();
    }
    Caller caller = gate.identifyAtOnce(sender);
    if (caller != null) {
      caller.require(Role.READ, key);
    }
    return caller;
  }
}
