/**
 * Usage: `/why`
 *
 * Says why the task is where it is: state, estimate and its source, agent, attempts, and what ends it.
 */
import { profileOf } from "../domain/task.ts";
import { inlineCode, plainLine } from "../lib/text.ts";
import { branchAndPull } from "../report/links.ts";
import { commandLine, nextWords } from "../report/next-step-words.ts";
import { sentence } from "../report/sentence.ts";
import { assumptionList, understoodSentence } from "../report/understanding.ts";
import { type CommandContext, defineCommand, obeyed } from "./command.ts";

/** The command `/why`. */
export const why = defineCommand({
  name: "why",
  usage: "/why",
  summary: "says why: estimate, agent, attempts, and what ends it",
  run: (context) => obeyed(context.task, reasons(context)),
});

function reasons(context: CommandContext): string {
  const { task, profiles } = context;
  const { phase } = task;
  const profile = profileOf(task);
  const isExternal = profile !== undefined && profiles[profile]?.driver === "external";
  const { next, commands } = nextWords(phase, isExternal);
  return [
    `- **State:** ${inlineCode(phase.state)}. ${sentence(plainLine(task.reason))}`,
    `- **Estimate:** ${task.estimate ? understoodSentence(task.estimate) : "none yet."}`,
    `- **Agent:** ${agentWords(context, profile)}`,
    attemptWords(context),
    `- **Work:** ${task.head === undefined && task.pull === undefined ? "none yet." : `on ${branchAndPull(task)}.`}`,
    "- **What ends it:** every gate passes on one commit, and you merge it.",
    `- **Next:** ${next}.`,
    ...(task.estimate && task.estimate.assumptions.length > 0 ? ["", assumptionList(task.estimate)] : []),
    "",
    `<sub>${commandLine(commands)}</sub>`,
  ].join("\n");
}

function agentWords({ task }: CommandContext, profile: string | undefined): string {
  const asked = task.overrides.agent;
  if (profile === undefined) return asked === undefined ? "not chosen yet." : `${inlineCode(asked)} is asked for.`;
  const how = asked === profile ? "asked for by command" : "the cheapest that can do it, or the next stronger one";
  return `${inlineCode(profile)}: ${how}.`;
}

function attemptWords({ task, limits }: CommandContext): string {
  const left = Math.max(0, limits.attempts - task.attempts);
  return (
    `- **Attempts:** ${task.attempts} of ${limits.attempts} used, ${left} left; a stronger agent takes over after ` +
    `${limits["step-up-after"]} rejections of one (${task.attemptsWithProfile} so far), and a person is asked after the last.`
  );
}
