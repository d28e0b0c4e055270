/**
 * Usage: `/done` · `/done 3f9c2ab`
 *
 * An external agent says that the work on the task's branch is done; the gates decide. Its own account may always say so.
 */
import { inlineCode } from "../lib/text.ts";
import { defineCommand, refused, whileOpen } from "./command.ts";

const SHA = /^[0-9a-f]{7,64}$/i;

/** The command `/done`. */
export const done = defineCommand({
  name: "done",
  usage: "/done [sha]",
  summary: "an external agent says that its work is done; the gates decide",
  run: whileOpen(({ task, args, head, profiles }) => {
    const { phase } = task;
    if (phase.state !== "working") {
      return refused(task, "No agent is at work here. `/retest` runs the gates on the branch, `/status` says more.");
    }
    if (profiles[phase.session.profile]?.driver !== "external") {
      return refused(
        task,
        "This agent says itself when it is done. `/retest` runs the gates after that, `/status` says more.",
      );
    }
    const [word = ""] = args.replaceAll("`", "").split(/\s+/);
    if (SHA.test(word) && head?.startsWith(word.toLowerCase()) !== true) {
      const now = head === undefined ? "is not there" : `stands at ${inlineCode(head.slice(0, 7))}`;
      return refused(task, `The branch ${now}, not at ${inlineCode(word)}. Push it, then write \`/done\` again.`);
    }
    return { task: { ...task, claimed: true }, accepted: true };
  }),
});
