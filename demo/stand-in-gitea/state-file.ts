/** The state on disk: one JSON file, replaced as a whole, so that a killed process goes on where it was. */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createEmptyState, type State } from "./state.ts";

const FILE = "state.json";

/** What an earlier process left in this folder, or an empty state. */
export function readState(folder: string): State {
  const file = join(folder, FILE);
  if (!existsSync(file)) return createEmptyState();
  const saved: State = JSON.parse(readFileSync(file, "utf8"));
  return { ...createEmptyState(), ...saved };
}

/** Writes beside and renames, so that no reader ever sees half a file. */
export function writeState(folder: string, state: State): void {
  const file = join(folder, FILE);
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
}
