/** The one list of commands: parser, help, permissions and documents come from it. */

import { nearest } from "../lib/nearest.ts";
import { accept } from "./accept.ts";
import { agent } from "./agent.ts";
import { cancel } from "./cancel.ts";
import type { Command } from "./command.ts";
import { done } from "./done.ts";
import { estimate } from "./estimate.ts";
import { help } from "./help.ts";
import { pause } from "./pause.ts";
import { resume } from "./resume.ts";
import { retest } from "./retest.ts";
import { retry } from "./retry.ts";
import { status } from "./status.ts";
import { why } from "./why.ts";

/** All commands, in the order in which help lists them. */
export const COMMANDS: readonly Command[] = [
  help,
  status,
  why,
  retry,
  pause,
  resume,
  cancel,
  estimate,
  agent,
  retest,
  accept,
  done,
];

/** The command of this name. */
export function findCommand(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name.toLowerCase());
}

/** The name that was probably meant. */
export function nearestCommand(name: string): string | undefined {
  return nearest(
    name,
    COMMANDS.map((command) => command.name),
  );
}

/** The table of all commands. */
export function helpText(): string {
  const rows = COMMANDS.map(({ usage, summary }) => `| \`${usage.replaceAll("|", "\\|")}\` | ${summary} |`);
  return [
    "| command | |",
    "|:--|:--|",
    ...rows,
    "",
    "One command a line, at its start, as `/command` or as a mention of me; write permission is needed. The status comment above says what goes on.",
  ].join("\n");
}
