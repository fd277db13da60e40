package dev.nebulastore.ops;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Explains a configuration file that is not YAML. Which file it is, the parser does not know.
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
        "Mend the application.yaml that you gave, or whichever file spring.config names.",
        rootFailure);
  }
}
