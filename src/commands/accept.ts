/**
 * Usage: `/accept`
 *
 * Accepts a green verdict that was withheld because the branch changed what its gates run.
 */
import { enterPhase } from "../domain/task.ts";
import { inlineCode } from "../lib/text.ts";
import { branchAndPull, shortSha } from "../report/links.ts";
import { defineCommand, obeyed, refused, whileOpen } from "./command.ts";

/** The ways on from a withheld verdict, where another was tried. */
export const LOOK_FIRST =
  "A person must look at what the branch changed: `/accept`, or push a commit that takes it back.";

/** The command `/accept`. */
export const accept = defineCommand({
  name: "accept",
  usage: "/accept",
  summary: "accepts a withheld verdict after a look at its list of changes",
  run: whileOpen(({ task, by }) => {
    const { phase, verdict } = task;
    const isWithheld = phase.state === "parked" && phase.code === "withheld";
    if (!isWithheld || verdict?.outcome !== "withheld") {
      return refused(
        task,
        "There is no withheld verdict to accept: gates alone decide. `/retest` runs them again, `/why` says more.",
      );
    }
    const who = inlineCode(by.login);
    const sha = `\`${shortSha(verdict.sha)}\``;
    const accepted = { ...task, verdict: { ...verdict, outcome: "accepted" as const } };
    const reason = `all gates pass on ${sha}, and ${who} accepted what the branch changed`;
    return obeyed(
      enterPhase(accepted, { state: "review", sha: verdict.sha }, reason),
      `${who} accepted ${sha} with its changes. Review and merge ${branchAndPull(task)}; \`/retest\` checks it again.`,
    );
  }),
});
