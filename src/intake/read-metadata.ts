/** Reads the metadata form of an issue, tolerantly and without a model; what cannot be read is said by line. */
import type { Difficulty } from "../domain/difficulty.ts";
import type { ReferenceBase } from "../domain/issue-reference.ts";
import { type FieldName, readFields } from "./form-fields.ts";
import { readFiles, readItems } from "./form-lists.ts";
import { readScalar } from "./form-scalar.ts";
import {
  DIFFICULTY_CHOICE,
  DOCUMENTATION_CHOICE,
  type DocumentationLevel,
  isEmptyValue,
  parseBracketedTokens,
  parseDifficulty,
  parseDocumentation,
  parseTokens,
  plainText,
} from "./form-values.ts";
import { readReferences, type StatedReference } from "./stated-references.ts";

/** A part of the estimate as stated: a level, tokens in brackets behind it, or both. */
export interface StatedPart<Level extends string> {
  readonly level: Level | undefined;
  readonly tokens: number | undefined;
}

/** What the form says; a field that it does not have is `undefined`. */
export interface IssueMetadata {
  readonly files: number | undefined;
  readonly complexity: StatedPart<Difficulty> | undefined;
  readonly tests: StatedPart<Difficulty | "none"> | undefined;
  readonly documentation: StatedPart<DocumentationLevel> | undefined;
  readonly totalTokens: number | undefined;
  readonly difficulty: Difficulty | undefined;
  /** A wish that wins over the cheapest. */
  readonly agent: string | undefined;
  readonly blockedBy: readonly StatedReference[];
  readonly acceptance: readonly string[];
  /** How many values of the estimate could not be read. */
  readonly unreadable: number;
  /** One sentence for each value that could not be read, with its line. */
  readonly problems: readonly string[];
}

/** Slips that are named; a form with more is no form. */
const MAX_PROBLEMS = 20;
const AGENT_NAME = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** Reads the form in `body`; references are read against `base`. Never throws, and takes time linear in the text's length. */
export function readMetadata(body: string, base: ReferenceBase): IssueMetadata {
  const fields = readFields(body);
  const problems: string[] = [];
  const referenceProblems: string[] = [];
  const scalar = <Value>(name: FieldName, expected: string, parse: (text: string) => Value | undefined) =>
    readScalar({ fields: fields.filter((field) => field.name === name), expected, parse, problems });
  const references = (name: FieldName) =>
    readReferences(
      fields.filter((field) => field.name === name),
      base,
      referenceProblems,
    );
  const metadata = {
    files: readFiles(fields, problems),
    complexity: scalar("complexity", `must be ${DIFFICULTY_CHOICE}`, (text) => part(parseDifficulty(text), text)),
    tests: scalar("tests", `must be ${DIFFICULTY_CHOICE}`, (text) => part(parseTests(text), text)),
    documentation: scalar("documentation", `must be ${DOCUMENTATION_CHOICE}`, (text) =>
      part(parseDocumentation(text), text),
    ),
    totalTokens: scalar("total", "must be a number of tokens such as `28,600` or `28K`", positiveTokens),
    difficulty: scalar("difficulty", `must be ${DIFFICULTY_CHOICE}`, parseDifficulty),
    agent: scalar("agent", "must be the name of an agent profile", parseAgent),
    blockedBy: [...references("blockedBy"), ...references("dependencies")],
    acceptance: readItems(fields, "acceptance"),
  };
  return {
    ...metadata,
    unreadable: problems.length,
    problems: [...problems, ...referenceProblems].slice(0, MAX_PROBLEMS),
  };
}

function part<Level extends string>(level: Level | undefined, text: string): StatedPart<Level> | undefined {
  const tokens = level === undefined ? positiveTokens(text) : parseBracketedTokens(text);
  return level === undefined && tokens === undefined ? undefined : { level, tokens };
}

function parseTests(text: string): Difficulty | "none" | undefined {
  return isEmptyValue(text) ? "none" : parseDifficulty(text);
}

function positiveTokens(text: string): number | undefined {
  const tokens = parseTokens(text);
  return tokens === undefined || tokens < 1 ? undefined : tokens;
}

function parseAgent(text: string): string | undefined {
  const [name = ""] = plainText(text)
    .replace(/^@/, "")
    .split(/[\s(,;]/, 1);
  return !isEmptyValue(text) && AGENT_NAME.test(name) ? name : undefined;
}
