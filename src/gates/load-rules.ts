/** Reads a repository's rules from `.gitea/steward.yml`: all problems together, each a sentence with its line. */
import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Gate, RepositoryRules, Setup } from "../domain/gate.ts";
import { inlineCode } from "../lib/text.ts";
import { DEFAULT_GATE_MINUTES, DEFAULT_SETUP_MINUTES, MAX_RULES_LENGTH } from "./rule-limits.ts";
import { findProblems } from "./rule-problems.ts";
import { type WrittenGate, WrittenRules } from "./rules-schema.ts";

/** The rules, or everything that is wrong with the file. */
export type LoadedRules = { readonly rules: RepositoryRules } | { readonly problems: readonly string[] };

/** Uses of anchors in one file; more make a bomb. */
const MAX_ALIASES = 50;
/** Problems that are said of one file. */
const MAX_PROBLEMS = 30;

/** Reads the text of the file at `path`, strictly. Never throws. */
export function loadRules(text: string, path: string): LoadedRules {
  if (text.length > MAX_RULES_LENGTH) return { problems: [`The file is longer than ${MAX_RULES_LENGTH} characters.`] };
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) return { problems: firstOf(document.errors.map((error) => sayYamlError(error))) };
  const data = dataOf(document);
  if (data === undefined) return { problems: ["An alias (`*name`) in the file cannot be resolved."] };
  const problems = findProblems(data.value)
    .map(({ path: place, sentence }) => ({ line: lineOf(document, lines, place), sentence }))
    .sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
    .map(({ line, sentence }) => (line === undefined ? sentence : `Line ${line}: ${sentence}`));
  if (problems.length > 0) return { problems: firstOf(problems) };
  return { rules: rulesFrom(WrittenRules.parse(data.value), path) };
}

function rulesFrom(written: WrittenRules, path: string): RepositoryRules {
  const setup: Setup | undefined = written.setup && {
    run: written.setup.run,
    cache: written.setup.cache,
    timeoutMinutes: written.setup["timeout-minutes"] ?? DEFAULT_SETUP_MINUTES,
  };
  return {
    gates: Object.entries(written.gates).map(([name, gate]) => gateFrom(name, gate)),
    ...(setup && { setup }),
    integrity: written.integrity ?? "withhold",
    source: path,
  };
}

function gateFrom(name: string, written: WrittenGate): Gate {
  const { coverage } = written;
  const changedLines = coverage?.["changed-lines"];
  return {
    name,
    steps: written.run === undefined ? (written.steps ?? []).map((step) => step.run) : [written.run],
    env: written.env ?? {},
    timeoutMinutes: written["timeout-minutes"] ?? DEFAULT_GATE_MINUTES,
    runsOn: written["runs-on"] ?? [],
    ...(coverage && {
      coverage: {
        report: coverage.report,
        ...(coverage.minimum === undefined ? {} : { minimum: coverage.minimum }),
        ...(changedLines === undefined ? {} : { changedLines }),
      },
    }),
  };
}

/** `undefined` when an alias leads nowhere, or too many lead anywhere: the library throws for both. */
function dataOf(document: Document.Parsed): { readonly value: unknown } | undefined {
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }) };
  } catch (error) {
    if (error instanceof ReferenceError) return undefined;
    throw error;
  }
}

function sayYamlError(error: Document.Parsed["errors"][number]): string {
  const [start] = error.linePos ?? [];
  const [what = ""] = error.message.split(/ at line \d|\n/, 1);
  return `${start ? `Line ${start.line}` : "The file"} is no YAML: ${inlineCode(what)}.`;
}

/** The line of the last key on the path that the file has. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = document.contents;
  let line: number | undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (!pair || !isScalar(pair.key)) return line;
      line = lines.linePos(pair.key.range?.[0] ?? 0).line;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
    }
  }
  return line;
}

function firstOf(problems: readonly string[]): readonly string[] {
  return [...new Set(problems)].slice(0, MAX_PROBLEMS);
}
