/** `steward doctor`: every part of the chain is tried for real, and what is wrong is said with its way out. */
import { StewardError } from "../domain/errors.ts";

/** What a check found; `detail` ends with the way out unless all is well. */
export interface CheckResult {
  /** `warn`: it works, with less than there could be. */
  readonly state: "ok" | "warn" | "fail";
  readonly detail: string;
  /** Which part of what was checked; absent when it is the whole. */
  readonly about?: string;
}

/** One thing to check. A check that throws has failed, with the error's sentence. */
export interface Check {
  readonly name: string;
  /** Names of checks without which this one makes no sense: it is left out unless all of them were well. */
  readonly needs?: readonly string[];
  run(): Promise<readonly CheckResult[]>;
}

const NAME_WIDTH = 38;
const WORDS = { ok: "ok  ", warn: "warn", fail: "FAIL", skip: "skip" } as const;

/** All is well with it. */
export function well(detail: string, about?: string): CheckResult {
  return { state: "ok", detail, ...(about === undefined ? {} : { about }) };
}

/** It works, with less than there could be. */
export function lacking(detail: string, about?: string): CheckResult {
  return { ...well(detail, about), state: "warn" };
}

/** It does not work. */
export function failed(detail: string, about?: string): CheckResult {
  return { ...well(detail, about), state: "fail" };
}

/** Runs the checks in order; true when none failed. */
export async function examine(checks: readonly Check[], say: (line: string) => void): Promise<boolean> {
  /** What is not well, and what to mend first for it. */
  const notWell = new Map<string, string>();
  let sound = true;
  for (const { name, needs = [], run } of checks) {
    const cause = needs.flatMap((needed) => notWell.get(needed) ?? [])[0];
    if (cause !== undefined) {
      notWell.set(name, cause);
      say(line("skip", name, `not tried: mend "${cause}" first`));
      continue;
    }
    const results = await run().catch((error: unknown) => [failed(sentenceOf(error))]);
    for (const { state, detail, about } of results)
      say(line(state, about === undefined ? name : `${name}: ${about}`, detail));
    if (results.some(({ state }) => state !== "ok")) notWell.set(name, name);
    sound &&= results.every(({ state }) => state !== "fail");
  }
  return sound;
}

function line(state: keyof typeof WORDS, name: string, detail: string): string {
  return `${WORDS[state]}  ${name.padEnd(NAME_WIDTH)} ${detail}`;
}

/** Steward's own errors say the way out themselves. */
function sentenceOf(error: unknown): string {
  if (error instanceof StewardError) return error.message;
  const words = error instanceof Error ? error.message : String(error);
  return `unexpected: ${words}. Try again; if it stays, report it as a bug with this line.`;
}
