package dev.nebulastore.ops.startup;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Explains a configuration file that is not YAML. The parser does not know the name of the file.
 *
 * <p>Threads: immutable.
 */
final class BrokenYamlAnalyzer extends AbstractFailureAnalyzer<MarkedYAMLException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, MarkedYAMLException failure) {
    Mark mark = failure.getProblemMark();
    String place =
        mark == null ? "" : ", line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1);
    return new FailureAnalysis(
        "A configuration file is not YAML" + place + ": " + failure.getProblem() + ".",
        "Correct your application.yaml, or the file that spring.config names.",
        rootFailure);
  }
}
