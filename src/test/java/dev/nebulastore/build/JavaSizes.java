package dev.nebulastore.build;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.TreeScanner;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The maximum length of a Java file and of a method. */
final class JavaSizes {

  static final int FILE = 400;
  static final int METHOD = 70;

  static final List<TidyRule> RULES =
      List.of(
          new TidyRule(
              "a Java file has at most " + FILE + " lines",
              "a longer file contains more than one idea",
              JavaSizes::longFiles,
              SourceFile.java("class A {" + "\n".repeat(FILE) + "}")),
          new TidyRule(
              "a method has at most " + METHOD + " lines",
              "a method that does not fit on a screen is hard to read and to change",
              JavaSizes::longMethods,
              SourceFile.java("class A { void a() {" + "\n".repeat(METHOD) + "} }")));

  private JavaSizes() {}

  private static Stream<String> longFiles(SourceTree sources) {
    return sources
        .ending(".java")
        .filter(file -> file.lines().size() > FILE)
        .map(file -> file.path() + " has " + file.lines().size() + " lines");
  }

  private static Stream<String> longMethods(SourceTree sources) {
    return JavaUnit.in(sources).flatMap(JavaSizes::longMethods);
  }

  private static Stream<String> longMethods(JavaUnit unit) {
    Stream.Builder<String> offences = Stream.builder();
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
        long lines = unit.lineAt(unit.end(method)) - unit.lineAt(head(unit, method)) + 1;
        if (lines > METHOD) {
          offences.add(unit.offence(method, method.getName() + " has " + lines + " lines"));
        }
        return super.visitMethod(method, null);
      }
    }.scan(unit.tree(), null);
    return offences.build();
  }

  /** The start of a method after its annotations: a table of test cases does not count as code. */
  private static long head(JavaUnit unit, MethodTree method) {
    List<? extends AnnotationTree> annotations = method.getModifiers().getAnnotations();
    if (annotations.isEmpty()) {
      return unit.start(method);
    }
    int at = (int) unit.end(annotations.getLast());
    while (Character.isWhitespace(unit.file().text().charAt(at))) {
      at++;
    }
    return at;
  }
}
