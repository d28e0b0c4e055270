/** What a branch changed that decides whether its own gates mean anything: their inputs, and the tests. */
import type { IntegrityChange } from "../../src/domain/verdict.ts";
import { truncate } from "../../src/lib/text.ts";
import type { ChangedFile } from "../workspace/workspace.ts";
import { changedGateInputs, installedFolder, isGateInput, isPartlyGateInput } from "./gate-inputs.ts";
import { isTestFile, testChanges } from "./test-changes.ts";

/** A line of a report. */
const DETAIL_CHARACTERS = 200;

/** A list that a person can look through; what follows is of the same kind. */
const MOST_CHANGES = 100;

/** A changed file with its text on both sides, where `needsContent` asks for it. */
export interface Inspected extends ChangedFile {
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** True when the file's text on both sides decides. */
export function needsContent({ path, previousPath }: Pick<ChangedFile, "path" | "previousPath">): boolean {
  return [path, previousPath ?? path].some((name) => isPartlyGateInput(name) || isTestFile(name));
}

function namesOf({ path, previousPath }: Inspected): readonly string[] {
  return previousPath ? [path, previousPath] : [path];
}

/** A link may lead to anything, and what is too large may hold anything: neither is taken for an empty file. */
function isUnreadable({ status, before, after }: Inspected): boolean {
  return (status !== "added" && before === undefined) || (status !== "deleted" && after === undefined);
}

function inputChanges(file: Inspected): readonly IntegrityChange[] {
  const names = namesOf(file);
  const whole = names.find(isGateInput);
  if (whole) return [{ kind: "gate-input", file: whole, detail: `the file was ${file.status}` }];
  const partly = names.find(isPartlyGateInput);
  if (!partly) return [];
  const details = isUnreadable(file)
    ? ["it is a link, or too large to be read"]
    : changedGateInputs(partly, file.before, file.after);
  return details.map((detail) => ({ kind: "gate-input" as const, file: partly, detail }));
}

/** An installed package has thousands of files: its folder stands for them all. */
function installedChanges(files: readonly Inspected[]): readonly IntegrityChange[] {
  const folders = files.flatMap((file) => [...new Set(namesOf(file).flatMap((name) => installedFolder(name) ?? []))]);
  return [...Map.groupBy(folders, (folder) => folder)].map(([file, { length }]) => ({
    kind: "gate-input",
    file,
    detail: `changed in the place of what is installed: ${length} ${length === 1 ? "file" : "files"}`,
  }));
}

/** Everything a person must look at before a green verdict counts. New tests and new dependencies are not among it. */
export function integrityChanges(files: readonly Inspected[]): readonly IntegrityChange[] {
  const own = files.filter((file) => !namesOf(file).some(installedFolder));
  const changes = [
    ...installedChanges(files),
    ...own.flatMap(inputChanges),
    ...testChanges(own.filter((file) => !namesOf(file).some(isGateInput))),
  ];
  return changes
    .slice(0, MOST_CHANGES)
    .map((change) => ({ ...change, detail: truncate(change.detail.replace(/\s+/g, " "), DETAIL_CHARACTERS) }));
}
