import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import software.amazon.event.ruler.JsonRuleCompiler;
import software.amazon.event.ruler.Machine;

/**
 * Reads {"pattern": "<JSON text>", "event": "<JSON text>"} by line; answers match, no-match, or why not.
 *
 * <p>The engine has two searches. The default one overlooks values of keys with dots when elements of an array have the
 * same path, so the plain one counts, and a difference is told.
 */
final class Oracle {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] arguments) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode pair = JSON.readTree(line);
      out.println(answer(pair.get("pattern").textValue(), pair.get("event").textValue()));
    }
    out.flush();
  }

  private static String answer(String pattern, String event) {
    try {
      String refusal = JsonRuleCompiler.check(pattern);
      if (refusal != null) return "invalid\t" + oneLine(refusal);
      String plain = verdict(Machine.builder().withStructuredMatching(false).build(), pattern, event);
      String usual = verdict(new Machine(), pattern, event);
      return plain.equals(usual) ? plain : plain + "\tbut by default " + usual;
    } catch (Exception | StackOverflowError refusal) {
      return "invalid\t" + oneLine(refusal.toString());
    }
  }

  private static String verdict(Machine machine, String pattern, String event) throws IOException {
    machine.addRule("rule", pattern);
    try {
      return machine.rulesForJSONEvent(event).isEmpty() ? "no-match" : "match";
    } catch (Exception | StackOverflowError failure) {
      return "failed\t" + oneLine(failure.toString());
    }
  }

  private static String oneLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
