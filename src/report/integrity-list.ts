/** What a branch changed that decides what its own gates run: the list a person has to look at. */
import type { IntegrityChange } from "../domain/verdict.ts";
import { inlineCode, plainLine, tableCell, truncate } from "../lib/text.ts";

const MAX_CHANGES = 30;
const MAX_DETAIL = 200;
const MAX_FILE = 200;

const KIND_WORDS: Readonly<Record<IntegrityChange["kind"], string>> = {
  "gate-input": "changes what a gate runs",
  "test-deleted": "test deleted",
  "test-emptied": "test emptied",
  "test-skipped": "test skipped",
  "not-inspected": "could not be inspected",
};

/** The table of changes; empty text when there are none. */
export function integrityTable(changes: readonly IntegrityChange[]): string {
  if (changes.length === 0) return "";
  const rows = changes.slice(0, MAX_CHANGES).map(({ kind, file, detail }) => {
    const cells = [KIND_WORDS[kind], inlineCode(truncate(file, MAX_FILE)), plainLine(truncate(detail, MAX_DETAIL))];
    return `| ${cells.map(tableCell).join(" | ")} |`;
  });
  const rest = changes.length - rows.length;
  const table = ["| what | file | |", "|:--|:--|:--|", ...rows].join("\n");
  return rest > 0 ? `${table}\n\nand ${rest} more` : table;
}

/** Why a green verdict is withheld, with the list. */
export function withheldText(changes: readonly IntegrityChange[]): string {
  const why = changes.some(({ kind }) => kind === "not-inspected")
    ? "I could not see whether the branch changed what they run"
    : "the branch changed what they run or took tests away";
  return (
    `All gates pass, but ${why}, so a pass alone proves nothing. ` +
    `Please look at these changes:\n\n${integrityTable(changes)}`
  );
}
