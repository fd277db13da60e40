package dev.nebulastore.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceTreeTests {

  @TempDir Path root;

  @BeforeEach
  void writeSomeFiles() throws IOException {
    write("a.md", "a");
    write("docs/b.md", "b");
    write("target/c.md", "c");
    write(".ci/run", "run");
  }

  @Test
  void walksWhereThereIsNoGit() {
    assertThat(SourceTree.of(root).files())
        .extracting(SourceFile::path)
        .containsExactly(".ci/run", "a.md", "docs/b.md");
  }

  @Test
  void walksWhereGitRefuses() throws IOException {
    write(".git", "broken");
    assertThat(SourceTree.of(root).files())
        .extracting(SourceFile::path)
        .containsExactly(".ci/run", "a.md", "docs/b.md");
  }

  @Test
  void readsAPictureAsNoText() throws IOException {
    Files.write(root.resolve("a.md"), new byte[] {'P', 'N', 'G', 0, 1});
    assertThat(SourceTree.of(root).ending("a.md")).extracting(SourceFile::text).containsExactly("");
  }

  private void write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
