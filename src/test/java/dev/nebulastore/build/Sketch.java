package dev.nebulastore.build;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.tools.JavaFileObject;
import javax.tools.ToolProvider;

/**
 * A small code base, compiled from a few lines of source into its own folder, so that a rule can be
 * tested with code that breaks it without such code in the repository.
 */
final class Sketch {

  private Sketch() {}

  /**
   * Compiles sources, given by the full name of their type and without the package line, and
   * imports those of NebulaStore. Types outside it only exist to be referenced.
   */
  static JavaClasses compile(Path folder, Map<String, String> sources) {
    List<JavaFileObject> files =
        sources.entrySet().stream().map(e -> file(e.getKey(), e.getValue())).toList();
    StringWriter complaints = new StringWriter();
    List<String> options =
        List.of(
            "-proc:none",
            "-d",
            folder.toString(),
            "-classpath",
            System.getProperty("java.class.path"));
    boolean compiled =
        ToolProvider.getSystemJavaCompiler()
            .getTask(complaints, null, null, options, null, files)
            .call();
    if (!compiled) {
      throw new IllegalArgumentException("the sketch doesn't compile:\n" + complaints);
    }
    return new ClassFileImporter().importPath(folder.resolve(Room.HOUSE.replace('.', '/')));
  }

  private static JavaFileObject file(String type, String source) {
    String packageLine = "package " + type.substring(0, type.lastIndexOf('.')) + "; ";
    return new SourceFile(type.replace('.', '/') + ".java", packageLine + source).forCompiler();
  }
}
