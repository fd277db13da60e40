package dev.nebulastore.build;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreeScanner;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Calls and words that are not allowed in Java files. */
final class JavaWords {

  static final List<TidyRule> RULES =
      List.of(
          new TidyRule(
              "no Java code calls or uses what is banned",
              "a test must be able to replace time, randomness and output: use an InstantSource, a"
                  + " seeded generator, a logger; a test waits for an event, not for a fixed time",
              sources -> JavaUnit.in(sources).flatMap(JavaWords::bannedCalls),
              SourceFile.java("class A { long now = System.currentTimeMillis(); }")),
          new TidyRule(
              "no Java file puts work off in a TODO or FIXME",
              "a comment does not show whether the work is still open, and an issue does",
              sources -> JavaUnit.in(sources).flatMap(JavaWords::putOff),
              SourceFile.java("class A {} // TODO")),
          new TidyRule(
              "no type name says Impl, Manager, Helper, Util or Abstract",
              "a name says what a type is, and these words fit every type",
              sources -> JavaUnit.in(sources).flatMap(JavaWords::emptyNames),
              SourceFile.java("class KeyUtil {}")));

  private static final Set<String> MEMBERS =
      Set.of("Thread.sleep", "System.currentTimeMillis", "System.out", "System.err", "Math.random");

  /** Types whose {@code now()} without a clock reads the system clock. */
  private static final Set<String> CALENDARS =
      Set.of(
          "Instant", "LocalDate", "LocalTime", "LocalDateTime", "OffsetDateTime", "ZonedDateTime");

  private static final Pattern PUT_OFF = Pattern.compile("\\b(TODO|FIXME)\\b");
  private static final Pattern EMPTY_NAME =
      Pattern.compile("(Impl|Managers?|Helpers?|Utils?)(?![a-z])|^Abstract(?![a-z])");

  private JavaWords() {}

  private static Stream<String> putOff(JavaUnit unit) {
    List<String> lines = unit.textWithoutLiterals().lines().toList();
    return Stream.iterate(0, i -> i < lines.size(), i -> i + 1)
        .filter(i -> PUT_OFF.matcher(lines.get(i)).find())
        .map(i -> unit.offence(i + 1, lines.get(i).strip()));
  }

  private static Stream<String> emptyNames(JavaUnit unit) {
    Stream.Builder<String> offences = Stream.builder();
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
        if (EMPTY_NAME.matcher(type.getSimpleName()).find()) {
          offences.add(unit.offence(type, type.getSimpleName().toString()));
        }
        return super.visitClass(type, null);
      }
    }.scan(unit.tree(), null);
    return offences.build();
  }

  private static Stream<String> bannedCalls(JavaUnit unit) {
    BannedCalls scanner = new BannedCalls(unit);
    scanner.scan(unit.tree(), null);
    return scanner.offences.build();
  }

  /** Looks at names as written, qualified or not: in calls, references and imports. */
  private static final class BannedCalls extends TreeScanner<@Nullable Void, @Nullable Void> {

    private final JavaUnit unit;
    private final Stream.Builder<String> offences = Stream.builder();

    BannedCalls(JavaUnit unit) {
      this.unit = unit;
    }

    @Override
    public @Nullable Void visitImport(ImportTree line, @Nullable Void unused) {
      if (line.isStatic() && line.getQualifiedIdentifier() instanceof MemberSelectTree member) {
        banIf(isClock(member.getExpression(), member.getIdentifier()), line, "the wall clock");
      }
      return super.visitImport(line, null);
    }

    @Override
    public @Nullable Void visitMemberSelect(MemberSelectTree member, @Nullable Void unused) {
      String name = lastName(member.getExpression()) + "." + member.getIdentifier();
      banIf(MEMBERS.contains(name), member, name);
      return super.visitMemberSelect(member, null);
    }

    @Override
    public @Nullable Void visitMethodInvocation(MethodInvocationTree call, @Nullable Void unused) {
      String name = lastName(call.getMethodSelect());
      banIf(name.equals("printStackTrace"), call, "printStackTrace");
      if (call.getMethodSelect() instanceof MemberSelectTree member) {
        String receiver = member.getExpression().toString();
        banIf(name.equals("sleep") && receiver.contains("TimeUnit"), call, "TimeUnit.sleep");
        banIf(
            call.getArguments().isEmpty() && isClock(member.getExpression(), name),
            call,
            lastName(member.getExpression()) + ".now()");
      }
      return super.visitMethodInvocation(call, null);
    }

    @Override
    public @Nullable Void visitMemberReference(
        MemberReferenceTree reference, @Nullable Void unused) {
      String type = lastName(reference.getQualifierExpression());
      String name = type + "." + reference.getName();
      banIf(MEMBERS.contains(name), reference, name);
      banIf(isClock(reference.getQualifierExpression(), reference.getName()), reference, name);
      banIf(name.endsWith(".printStackTrace"), reference, name);
      banIf(name.equals("Random.<init>"), reference, "a Random without a seed");
      return super.visitMemberReference(reference, null);
    }

    @Override
    public @Nullable Void visitNewClass(NewClassTree creation, @Nullable Void unused) {
      boolean random = lastName(creation.getIdentifier()).equals("Random");
      banIf(random && creation.getArguments().isEmpty(), creation, "a Random without a seed");
      return super.visitNewClass(creation, null);
    }

    @Override
    public @Nullable Void visitAnnotation(AnnotationTree annotation, @Nullable Void unused) {
      boolean disabled = lastName(annotation.getAnnotationType()).equals("Disabled");
      banIf(disabled, annotation, "@Disabled");
      return super.visitAnnotation(annotation, null);
    }

    private static boolean isClock(ExpressionTree type, CharSequence method) {
      return method.toString().equals("now") && CALENDARS.contains(lastName(type));
    }

    /** The name without its qualifier: {@code Thread} for {@code java.lang.Thread}. */
    private static String lastName(Tree name) {
      return switch (name) {
        case IdentifierTree identifier -> identifier.getName().toString();
        case MemberSelectTree member -> member.getIdentifier().toString();
        default -> "";
      };
    }

    private void banIf(boolean banned, Tree where, String what) {
      if (banned) {
        offences.add(unit.offence(where, what));
      }
    }
  }
}
