/** What `doctor` checks about one repository: the bot's rights, the webhook, and that a delivery comes through it. */
import type { RepositoryName } from "../domain/ids.ts";
import { assertNever } from "../lib/assert-never.ts";
import type { Access, Right } from "../ports/access.ts";
import type { Arrival, DeliveryWatch } from "../ports/delivery-watch.ts";
import type { Hooks } from "../ports/hooks.ts";
import { type Check, type CheckResult, failed, lacking, well } from "./doctor.ts";

/** The forge itself was seen to take up to two seconds. */
const ARRIVAL_MS = 10_000;

/** What the checks of a repository need. */
export interface RepositoryCheckDeps {
  readonly access: Access;
  readonly hooks: Hooks;
  readonly repository: RepositoryName;
  /** The webhook's address. */
  readonly url: string;
  /** Where deliveries are to arrive, as the operator knows it: `127.0.0.1:3900`. */
  readonly listener: string;
  /** Watches where the bot listens; rejects with the way out where that cannot be done. */
  readonly openWatch: () => Promise<DeliveryWatch>;
}

/** The checks about one repository. */
export function repositoryChecks(deps: RepositoryCheckDeps): readonly Check[] {
  const { access, hooks, repository, url } = deps;
  return [
    {
      name: "repository",
      needs: ["token scope"],
      run: async () => [rightResult(repository, await access.rightIn(repository))],
    },
    {
      name: "webhook",
      needs: ["repository"],
      async run() {
        if ((await hooks.findHook(repository, url)) !== undefined) return [well(`there (${url})`)];
        return [failed(`${repository} has no active one for ${url}: run \`steward init ${repository}\`.`)];
      },
    },
    { name: "webhook round trip", needs: ["webhook"], run: async () => [await roundTrip(deps)] },
  ];
}

function rightResult(repository: RepositoryName, right: Right): CheckResult {
  const way = `make the bot's account a collaborator of ${repository} with admin permission.`;
  switch (right) {
    case "admin":
      return well(`${repository}: admin`);
    case "write":
      return lacking(
        `${repository}: write only, so the forge does not say what others may, and nobody's commands are obeyed; ${way}`,
      );
    case "read":
      return failed(`${repository}: read only; ${way}`);
    case "none":
      return failed(`${repository}: not there, or not for the bot; ${way}`);
    default:
      return assertNever(right);
  }
}

async function roundTrip({ hooks, repository, url, listener, openWatch }: RepositoryCheckDeps): Promise<CheckResult> {
  const hook = await hooks.findHook(repository, url);
  if (hook === undefined) return failed(`the webhook has just been removed: run \`steward init ${repository}\`.`);
  const watch = await openWatch();
  const started = performance.now();
  try {
    const [arrival] = await Promise.all([watch.arrival(repository, ARRIVAL_MS), hooks.testHook(repository, hook)]);
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    return arrivalResult(arrival, { seconds, repository, listener, receiver: watch.receiver });
  } finally {
    await watch.close();
  }
}

interface Tried {
  readonly seconds: string;
  readonly repository: RepositoryName;
  readonly listener: string;
  readonly receiver: DeliveryWatch["receiver"];
}

function arrivalResult(arrival: Arrival, { seconds, repository, listener, receiver }: Tried): CheckResult {
  const renew = `run \`steward init --replace ${repository}\``;
  switch (arrival) {
    case "signed":
      return well(
        `a signed test delivery arrived after ${seconds} s${receiver === "bot" ? ", taken by the running bot" : ""}`,
      );
    case "wrongly-signed":
      return failed(`a test delivery arrived, but not signed with GITEA_WEBHOOK_SECRET: ${renew}.`);
    case "nothing":
      return failed(
        `no ${receiver === "bot" ? "rightly signed " : ""}test delivery arrived at ${listener} within ${seconds} s. ` +
          "Most often the forge refuses to deliver there: name the host under [webhook] ALLOWED_HOST_LIST in its " +
          "app.ini (the default, `external`, leaves out loopback and private addresses) and restart it. " +
          `Otherwise PUBLIC_URL does not lead to ${listener}, or the repository is empty and sends no test` +
          `${receiver === "bot" ? `, or the webhook's secret is another one: ${renew}` : ""}.`,
      );
    default:
      return assertNever(arrival);
  }
}
