/** Ends every loop of comments: one account is heard only so often on one issue within an hour. */
import { z } from "zod";

/** Comments with commands that one account may write on one issue within an hour; nobody who is at a keyboard needs more. */
export const HEARD_AN_HOUR = 30;
const HOUR_MS = 3_600_000;
/** Accounts that are counted; further ones are braked together. */
const MAX_ACCOUNTS = 100;

/** How often which account was heard since the hour began. */
export const Brake = z.object({
  since: z.number().int().nonnegative(),
  heard: z.array(z.object({ account: z.number().int(), count: z.number().int().positive() })),
});
export type Brake = z.infer<typeof Brake>;

/** The brake after one more comment with a command: it is obeyed, or the last that is answered, or let pass in silence. */
export function brakeAfter(
  before: Brake | undefined,
  account: number,
  now: number,
): { readonly brake: Brake; readonly outcome: "obey" | "tell" | "ignore"; readonly until: number } {
  const current = before && now - before.since < HOUR_MS ? before : { since: now, heard: [] };
  const others = current.heard.filter((entry) => entry.account !== account);
  const counted = current.heard.find((entry) => entry.account === account)?.count ?? 0;
  const count = others.length >= MAX_ACCOUNTS ? HEARD_AN_HOUR + 2 : counted + 1;
  const outcome = count <= HEARD_AN_HOUR ? "obey" : count === HEARD_AN_HOUR + 1 ? "tell" : "ignore";
  const heard = others.length >= MAX_ACCOUNTS ? current.heard : [...others, { account, count }];
  return { brake: { since: current.since, heard }, outcome, until: current.since + HOUR_MS };
}
