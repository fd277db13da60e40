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
 * A house drawn in a few lines of source and compiled into a folder of its own, so that a rule can
 * be shown code that breaks it without such code standing in the repository.
 */
final class Sketch {

  private Sketch() {}

  /**
   * Compiles sources given by the full name of their type, without the package line, and reads
   * those of the house; what stands outside it is there to be seen.
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
