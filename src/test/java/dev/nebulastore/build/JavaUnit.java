package dev.nebulastore.build;

import static java.util.Objects.requireNonNull;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.Diagnostic.Kind;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** A Java file that the compiler has parsed, without resolved names. */
record JavaUnit(SourceFile file, CompilationUnitTree tree, DocTrees trees) {

  /** Parses all Java files of a tree. */
  static Stream<JavaUnit> in(SourceTree sources) {
    Map<URI, SourceFile> files = new LinkedHashMap<>();
    List<JavaFileObject> inputs = new ArrayList<>();
    for (SourceFile file : sources.ending(".java").toList()) {
      JavaFileObject input = file.forCompiler();
      files.put(input.toUri(), file);
      inputs.add(input);
    }
    return inputs.isEmpty() ? Stream.empty() : parse(files, inputs);
  }

  private static Stream<JavaUnit> parse(Map<URI, SourceFile> files, List<JavaFileObject> inputs) {
    DiagnosticCollector<JavaFileObject> complaints = new DiagnosticCollector<>();
    JavacTask task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, complaints, null, null, inputs);
    DocTrees trees = DocTrees.instance(task);
    List<JavaUnit> units = new ArrayList<>();
    try {
      for (CompilationUnitTree tree : task.parse()) {
        SourceFile file = requireNonNull(files.get(tree.getSourceFile().toUri()));
        units.add(new JavaUnit(file, tree, trees));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (complaints.getDiagnostics().stream().anyMatch(it -> it.getKind() == Kind.ERROR)) {
      throw new IllegalArgumentException("can't be parsed: " + complaints.getDiagnostics());
    }
    return units.stream();
  }

  /** The line on which a part of the file starts. */
  long lineOf(Tree piece) {
    return lineAt(start(piece));
  }

  long lineAt(long position) {
    return tree.getLineMap().getLineNumber(position);
  }

  long start(Tree piece) {
    return trees.getSourcePositions().getStartPosition(tree, piece);
  }

  long end(Tree piece) {
    return trees.getSourcePositions().getEndPosition(tree, piece);
  }

  /** The text of a violation: its location, in a form that editors can open, and a description. */
  String offence(Tree piece, String what) {
    return offence(lineOf(piece), what);
  }

  String offence(long line, String what) {
    return file.path() + ":" + line + " " + what;
  }

  String packageName() {
    return tree.getPackageName() == null ? "" : tree.getPackageName().toString();
  }

  /** The comment before the package line, if there is one. */
  @Nullable String packageComment() {
    return tree.getPackage() == null
        ? null
        : trees.getDocComment(new TreePath(new TreePath(tree), tree.getPackage()));
  }

  /**
   * The text with all string and character literals blanked, so that their content is not mistaken
   * for code.
   */
  String textWithoutLiterals() {
    StringBuilder text = new StringBuilder(file.text());
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitLiteral(LiteralTree literal, @Nullable Void unused) {
        for (int at = (int) start(literal); at < end(literal); at++) {
          if (text.charAt(at) != '\n') {
            text.setCharAt(at, ' ');
          }
        }
        return null;
      }
    }.scan(tree, null);
    return text.toString();
  }
}
