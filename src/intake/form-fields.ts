/** Finds the fields of the metadata form in a text: which there are, where, and what belongs to each. */
import { type FormLine, isUnderline, normaliseLabel, readLine } from "./form-line.ts";
import { visibleLines } from "./visible-lines.ts";

/**
 * What the form asks for. `estimate` and `dependencies` are sections; what is in them is read as fields of their own. `unused`
 * ends the field before it: other forms have it, and nothing here follows from it.
 */
export type FieldName =
  | "estimate"
  | "files"
  | "complexity"
  | "tests"
  | "documentation"
  | "total"
  | "difficulty"
  | "dependencies"
  | "blockedBy"
  | "acceptance"
  | "agent"
  | "unused";

/** A line that belongs to a field. */
export interface ContentLine extends FormLine {
  readonly number: number;
}

/** A field of the form as it is written. */
export interface Field {
  readonly name: FieldName;
  readonly line: number;
  /** What is on the label's own line. */
  readonly value: string;
  /** True for a heading that prose could have as well: a value that cannot be read is no slip. */
  readonly isVague: boolean;
  /** The lines below, up to the next field or heading. */
  readonly content: readonly ContentLine[];
}

/** Lines of one field that are read; further ones are ignored. */
const MAX_CONTENT_LINES = 200;
/** Fields that are read; further ones are ignored. */
const MAX_FIELDS = 200;

/** Labels that mean a field wherever they stand. */
const LABELS: Readonly<Record<string, FieldName>> = {
  "context estimate": "estimate",
  "estimated context": "total",
  "files to modify": "files",
  "files to change": "files",
  "implementation complexity": "complexity",
  "test requirements": "tests",
  "documentation requirements": "documentation",
  "total estimated": "total",
  "total estimate": "total",
  "total estimated tokens": "total",
  "estimated total": "total",
  "recommended agent": "unused",
  difficulty: "difficulty",
  dependencies: "dependencies",
  "blocked by": "blockedBy",
  "depends on": "blockedBy",
  blocks: "unused",
  "acceptance criteria": "acceptance",
  agent: "agent",
  touches: "unused",
};

/** Labels that mean a field only among the other parts of an estimate. */
const LABELS_IN_ESTIMATE: Readonly<Record<string, FieldName>> = {
  files: "files",
  "number of files": "files",
  complexity: "complexity",
  implementation: "complexity",
  test: "tests",
  tests: "tests",
  testing: "tests",
  "testing requirements": "tests",
  documentation: "documentation",
  docs: "documentation",
  total: "total",
  "total tokens": "total",
  estimate: "total",
};

const ESTIMATE_FIELDS: readonly FieldName[] = ["estimate", "files", "complexity", "tests", "documentation", "total"];

/** `Depends on #12`, without a colon. */
const UNPUNCTUATED = /^(blocked by|depends on|blocks)\s+(?=[#\w])/i;
const REFERENCE_START = /^(?:[\w.-]+\/[\w.-]+)?#\d|^https?:/;

/** The fields of the form in the order of the text. */
export function readFields(body: string): readonly Field[] {
  const fields: OpenField[] = [];
  let open: OpenField | undefined;
  let inEstimate = false;
  const lines = visibleLines(body);
  for (const [index, { number, text }] of lines.entries()) {
    const line = asHeading(readLine(text), lines[index + 1]?.text);
    if (line.kind === "blank") continue;
    const field: OpenField | undefined = belongsToList(open, line) ? undefined : fieldFrom(line, number, inEstimate);
    if (field && fields.length < MAX_FIELDS) {
      fields.push(field);
      open = field;
      inEstimate = ESTIMATE_FIELDS.includes(field.name) || (inEstimate && line.kind !== "heading");
    } else if (isSectionStart(line) && !(line.kind === "text" && isUnanswered(open))) {
      open = undefined;
      inEstimate = false;
    } else if (open && open.content.length < MAX_CONTENT_LINES) {
      open.content.push({ ...line, number });
    }
  }
  return fields;
}

interface OpenField extends Field {
  readonly content: ContentLine[];
}

function fieldFrom(line: FormLine, number: number, inEstimate: boolean): OpenField | undefined {
  if (line.label === undefined) return unpunctuatedField(line, number);
  const certain = nameIn(LABELS, line.label);
  const name = certain ?? (inEstimate ? nameIn(LABELS_IN_ESTIMATE, line.label) : undefined);
  if (name === undefined) return undefined;
  const isVague = certain === undefined && line.kind === "heading";
  return { name, line: number, value: line.value, isVague, content: [] };
}

function unpunctuatedField(line: FormLine, number: number): OpenField | undefined {
  const start = UNPUNCTUATED.exec(line.value);
  const value = line.value.slice(start?.[0].length ?? 0);
  if (!start || !REFERENCE_START.test(value)) return undefined;
  const name = start[1]?.toLowerCase() === "blocks" ? "unused" : "blockedBy";
  return { name, line: number, value, isVague: true, content: [] };
}

/** Acceptance criteria may speak of the form's own words. */
function belongsToList(open: OpenField | undefined, line: FormLine): boolean {
  return open?.name === "acceptance" && line.kind === "bullet";
}

/** A bold line alone is a label, but right below a field that has no value yet it is the value. */
function isUnanswered(open: OpenField | undefined): boolean {
  return open !== undefined && open.value === "" && open.content.length === 0;
}

function isSectionStart(line: FormLine): boolean {
  return line.kind === "heading" || (line.kind === "text" && line.label !== undefined && line.value === "");
}

function asHeading(line: FormLine, next: string | undefined): FormLine {
  if (line.kind !== "text" || next === undefined || !isUnderline(next)) return line;
  return line.label === undefined
    ? { ...line, kind: "heading", label: normaliseLabel(line.value), value: "" }
    : { ...line, kind: "heading" };
}

function nameIn(labels: Readonly<Record<string, FieldName>>, label: string): FieldName | undefined {
  return Object.hasOwn(labels, label) ? labels[label] : undefined;
}
