/** What happens next in each state, and the commands that make sense there. */
import type { ParkCode, Phase } from "../domain/task.ts";
import { assertNever } from "../lib/assert-never.ts";

interface NextWords {
  readonly next: string;
  readonly commands: readonly string[];
}

const PARK_COMMANDS: Readonly<Record<ParkCode, readonly string[]>> = {
  "too-large": ["estimate", "resume"],
  "no-agent": ["estimate", "agent", "resume"],
  unclear: ["estimate", "resume"],
  "no-gates": ["resume"],
  "bad-rules": ["resume"],
  attempts: ["retry", "agent", "retest"],
  "no-work": ["retry", "agent", "retest"],
  "session-limit": ["retry", "agent", "retest"],
  "our-failure": ["resume"],
  "forge-refused": ["resume", "retry"],
  withheld: ["accept", "retest"],
  paused: ["resume"],
  "merged-elsewhere": ["resume"],
};

/** What happens next, for the status comment's last line. */
export function nextWords(phase: Phase, isExternal: boolean): NextWords {
  switch (phase.state) {
    case "reading":
      return { next: "an agent is chosen", commands: ["pause", "cancel"] };
    case "blocked":
      return { next: "starts by itself when the blockers are closed", commands: ["pause", "cancel"] };
    case "queued":
      return { next: "starts when the agent is free", commands: ["agent", "pause", "cancel"] };
    case "working":
      return isExternal
        ? { next: "gates run when the agent says it is done", commands: ["done", "pause", "cancel"] }
        : { next: "gates run when the agent is done", commands: ["pause", "cancel"] };
    case "verifying":
      return { next: "the verdict, when all gates are finished", commands: ["retest", "pause", "cancel"] };
    case "review":
      return { next: "you review and merge", commands: ["retest", "cancel"] };
    case "parked":
      return { next: "waits for you", commands: PARK_COMMANDS[phase.code] };
    case "done":
      return { next: "nothing; reopened and assigned to me again it starts anew", commands: [] };
    case "cancelled":
      return { next: "assign me again to start anew", commands: [] };
    default:
      return assertNever(phase);
  }
}

/** Every command line ends with these: they never change anything. */
const ALWAYS = ["status", "why", "help"] as const;

/** The commands as one run of inline code. */
export function commandLine(commands: readonly string[]): string {
  return [...commands, ...ALWAYS].map((name) => `\`/${name}\``).join(" ");
}
