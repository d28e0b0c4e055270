/** What was assumed because nobody said it: a sentence that ends with the command which corrects it. */

export interface Assumption {
  readonly about: "size" | "difficulty" | "agent";
  readonly text: string;
}

/** The commands that correct each kind of assumption. */
const COMMANDS: Readonly<Record<Assumption["about"], string>> = {
  size: "/estimate 60000",
  difficulty: "/estimate high",
  agent: "/agent name",
};

/** `what`, because `why`; and how to correct it. */
export function assume(about: Assumption["about"], what: string, why: string): Assumption {
  return { about, text: `${what}, because ${why}; \`${COMMANDS[about]}\` corrects it.` };
}
