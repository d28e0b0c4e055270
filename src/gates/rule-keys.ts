/** Which keys a rules file may have where, which of them are planned, and what to say about any other. */
import { nearest } from "../lib/nearest.ts";
import { inlineCode, truncate } from "../lib/text.ts";

interface Level {
  readonly known: readonly string[];
  /** Words of GitHub Actions or of the plan that are not built. */
  readonly planned: readonly string[];
}

const ROOT: Level = {
  known: ["setup", "gates", "integrity", "merge"],
  planned: ["container", "services", "protected", "env", "defaults", "strategy", "runs-on", "timeout-minutes"],
};
const SETUP: Level = {
  known: ["run", "cache", "timeout-minutes"],
  planned: ["steps", "env", "container", "runs-on", "if"],
};
const GATE: Level = {
  known: ["run", "steps", "env", "timeout-minutes", "runs-on", "coverage"],
  planned: [
    "container",
    "services",
    "strategy",
    "needs",
    "if",
    "continue-on-error",
    "status",
    "name",
    "defaults",
    "working-directory",
    "shell",
    "permissions",
    "outputs",
    "concurrency",
    "uses",
    "with",
    "secrets",
  ],
};
const STEP: Level = {
  known: ["run", "name"],
  planned: ["uses", "with", "env", "if", "id", "shell", "working-directory", "continue-on-error", "timeout-minutes"],
};
const COVERAGE: Level = { known: ["report", "minimum", "changed-lines"], planned: [] };

const MAX_SHOWN_LENGTH = 80;

/** `gates.lint.steps.0`, as code; foreign text is made harmless. */
export function showPath(path: readonly PropertyKey[]): string {
  return inlineCode(truncate(path.map(String).join("."), MAX_SHOWN_LENGTH));
}

/** What is wrong with a key that the schema does not have, as the end of a sentence. */
export function sayUnknown(path: readonly PropertyKey[], key: string): string {
  const level = levelAt(path);
  if (level.planned.includes(key)) return "is not supported yet";
  const meant = nearest(key.slice(0, MAX_SHOWN_LENGTH), level.known);
  if (meant !== undefined) return `is not known; did you mean \`${meant}\`?`;
  return `is not known; here may stand ${level.known.map((known) => `\`${known}\``).join(", ")}`;
}

function levelAt(path: readonly PropertyKey[]): Level {
  const [section, , part] = path;
  if (section === "setup") return SETUP;
  if (section !== "gates") return ROOT;
  if (part === "steps") return STEP;
  return part === "coverage" ? COVERAGE : GATE;
}
