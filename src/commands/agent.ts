/**
 * Usage: `/agent <profile>`
 *
 * Asks for one agent profile instead of the cheapest. Alone it lists the profiles.
 */
import type { AgentProfiles } from "../domain/agent-profile.ts";
import type { Task } from "../domain/task.ts";
import { nearest } from "../lib/nearest.ts";
import { inlineCode, truncate } from "../lib/text.ts";
import { canChooseAgain, chooseAgain, whenItCounts } from "./choose-again.ts";
import { defineCommand, obeyed, refused, whileOpen } from "./command.ts";

const MAX_SHOWN = 60;

/** The command `/agent`. */
export const agent = defineCommand({
  name: "agent",
  usage: "/agent <profile>",
  summary: "asks for one agent instead of the cheapest",
  run: whileOpen(({ task, args, by, profiles }) => {
    const wanted = args.replaceAll("`", "").trim();
    const name = Object.keys(profiles).find((profile) => profile.toLowerCase() === wanted.toLowerCase());
    if (name === undefined) return refused(task, unknownProfile(wanted, profiles));
    const { outgrown: _, ...rest } = task;
    const asked: Task = { ...rest, overrides: { ...task.overrides, agent: name } };
    if (!canChooseAgain(task)) return obeyed(asked, `Noted: ${inlineCode(name)}. ${whenItCounts(task)}`);
    return obeyed(chooseAgain(asked, `${inlineCode(by.login)} asked for ${inlineCode(name)}`));
  }),
});

function unknownProfile(wanted: string, profiles: AgentProfiles): string {
  const names = Object.keys(profiles);
  if (names.length === 0) return "No agent profile is configured. Ask the operator for one.";
  const list = `There are ${names.map(inlineCode).join(", ")}`;
  const example = inlineCode(`/agent ${nearest(wanted, names) ?? names[0]}`);
  return wanted === ""
    ? `${list}; for example ${example}.`
    : `There is no agent ${inlineCode(truncate(wanted, MAX_SHOWN))}. ${list}; perhaps ${example}?`;
}
