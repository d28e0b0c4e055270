/** The names under which results and set-up layers are kept: hashes of all that decides them. */
import { createHash } from "node:crypto";
import type { Gate, Setup } from "../../src/domain/gate.ts";
import type { Sha, TaskId } from "../../src/domain/ids.ts";

function hashOf(parts: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** JSON with the same text for the same content, in whatever order its fields were written. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => [name, canonical(field)]);
}

/** What decides a gate's result. */
export interface ResultInputs {
  readonly tree: Sha;
  readonly mergeBase: Sha | undefined;
  readonly gate: Gate;
  readonly setup: Setup | undefined;
  readonly toolchain: string;
}

/** The key of a gate's result. Labels choose where it runs, not what it finds. */
export function resultKey({ tree, mergeBase, gate, setup, toolchain }: ResultInputs): string {
  const { name, steps, env, timeoutMinutes, coverage } = gate;
  return hashOf(["gate", tree, mergeBase, canonical({ name, steps, env, timeoutMinutes, coverage, setup }), toolchain]);
}

/** What decides what set-up leaves behind. */
export interface SetUpInputs {
  readonly setup: Setup;
  /** Content of its cache files; absent for a file that is not there. */
  readonly files: readonly (string | undefined)[];
  /** Set where those do not decide alone: then all files of this tree do. */
  readonly tree: Sha | undefined;
  readonly toolchain: string;
  /** Set when a branch changed these files: then nobody else gets the result. */
  readonly task: TaskId | undefined;
}

/** The key of a set-up layer. */
export function setUpKey({ setup, files, tree, toolchain, task }: SetUpInputs): string {
  return hashOf(["set-up", setup.run, setup.cache, files.map((file) => file ?? null), tree, toolchain, task]);
}
