package dev.nebulastore.build;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The files of the repository: those that git tracks, and those that it would track if they were
 * added now, so that a build before a commit checks what the commit will contain. Without git, as
 * in a source archive, all files except those that a build or a run creates.
 *
 * <p>Threads: immutable.
 */
record SourceTree(Path root, List<SourceFile> files) {

  private static final Set<String> LEFT_BEHIND =
      Set.of(".git", "target", "data", ".idea", ".vscode");

  SourceTree {
    files = List.copyOf(files);
  }

  /** The tree in which this build was started. */
  static SourceTree here() {
    return of(Path.of(System.getProperty("basedir", "")).toAbsolutePath().normalize());
  }

  static SourceTree of(Path root) {
    try {
      List<String> paths = Files.exists(root.resolve(".git")) ? listedByGit(root) : List.of();
      if (paths.isEmpty()) {
        paths = walked(root);
      }
      return new SourceTree(
          root,
          paths.stream()
              .filter(path -> Files.isRegularFile(root.resolve(path)))
              .sorted()
              .map(path -> SourceFile.read(root, path))
              .toList());
    } catch (IOException e) {
      throw new UncheckedIOException("can't list the files under " + root, e);
    }
  }

  Stream<SourceFile> ending(String suffix) {
    return files.stream().filter(file -> file.path().endsWith(suffix));
  }

  /** The files that git lists, or nothing if git is missing or fails. */
  private static List<String> listedByGit(Path root) throws IOException {
    Process git;
    try {
      git =
          new ProcessBuilder("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
              .directory(root.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException absent) {
      return List.of();
    }
    try (var output = git.getInputStream()) {
      return Stream.of(new String(output.readAllBytes(), UTF_8).split("\0"))
          .filter(path -> !path.isEmpty())
          .distinct()
          .toList();
    }
  }

  private static List<String> walked(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths
          .map(root::relativize)
          .filter(path ->
              Stream.iterate(path, p -> p != null, Path::getParent)
                  .noneMatch(SourceTree::leftBehind))
          .map(path -> path.toString().replace('\\', '/'))
          .toList();
    }
  }

  private static boolean leftBehind(Path path) {
    return LEFT_BEHIND.contains(String.valueOf(path.getFileName()));
  }
}
