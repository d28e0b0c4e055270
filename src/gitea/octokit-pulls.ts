/** Pull requests and reviews: the forge port's part about them. */
import { z } from "zod";
import { FatalError } from "../domain/errors.ts";
import { ownerAndRepo, type RepositoryName } from "../domain/ids.ts";
import { truncate } from "../lib/text.ts";
import type { Account, Forge, Pull, Review } from "../ports/forge.ts";
import {
  headBranchOf,
  PullAnswer,
  pullFrom,
  RepositoryAnswer,
  ReviewAnswer,
  ReviewCommentAnswer,
} from "./forge-schema.ts";
import type { ForgeCalls } from "./octokit-call.ts";
import { foreignPullWords, ownPullWords } from "./pull-words.ts";
import { unixLines } from "./unix-lines.ts";

type Pulls = Pick<Forge, "findPull" | "readPull" | "listReviews" | "ensurePull" | "ensureReviewRequested">;

const REPOSITORY = "/repos/{owner}/{repo}";
const PULLS = `${REPOSITORY}/pulls`;
const PULL = `${PULLS}/{index}`;

/** Gitea cuts longer titles. */
const TITLE_MAX = 255;
/** Pages of 50 closed pull requests, the last changed first, that are searched for a branch. */
const CLOSED_PAGES = 2;

const REVIEW_STATES: Readonly<Record<string, Review["state"]>> = {
  APPROVED: "approved",
  REQUEST_CHANGES: "changes-requested",
  CHANGES_REQUESTED: "changes-requested",
  COMMENT: "commented",
  COMMENTED: "commented",
};

/** Pull requests through the API. */
export function createOctokitPulls(calls: ForgeCalls, self: () => Promise<Account>): Pulls {
  /** By base and head Gitea gives one of them, not always the newest. */
  async function findByBase(repository: RepositoryName, base: string, head: string): Promise<PullAnswer | undefined> {
    const pull = await calls.find(PullAnswer, `GET ${PULLS}/{base}/{head}`, {
      ...ownerAndRepo(repository),
      base,
      head,
    });
    return pull && comesFrom(head)(pull) ? pull : undefined;
  }

  async function listFrom(repository: RepositoryName, head: string, state: "open" | "closed"): Promise<PullAnswer[]> {
    const parameters = { ...ownerAndRepo(repository), state, sort: "recentupdate" };
    const pulls = await calls.list(
      PullAnswer,
      `GET ${PULLS}`,
      parameters,
      state === "closed" ? CLOSED_PAGES : undefined,
    );
    return pulls.filter(comesFrom(head));
  }

  async function findPull(repository: RepositoryName, head: string): Promise<Pull | undefined> {
    const known = await calls.find(RepositoryAnswer, `GET ${REPOSITORY}`, ownerAndRepo(repository));
    if (known === undefined) return undefined;
    const first = await findByBase(repository, known.repository.defaultBranch, head);
    if (first?.state === "open") return pullFrom(first);
    const open = newest(await listFrom(repository, head, "open"));
    if (open !== undefined) return pullFrom(open);
    const closed = newest([...(first ? [first] : []), ...(await listFrom(repository, head, "closed"))]);
    return closed && pullFrom(closed);
  }

  async function findOpen(repository: RepositoryName, head: string, base: string): Promise<PullAnswer | undefined> {
    const first = await findByBase(repository, base, head);
    if (first?.state === "open") return first;
    const open = await listFrom(repository, head, "open");
    return newest(open.filter((pull) => pull.base.ref === base));
  }

  async function readComments(repository: RepositoryName, index: number, review: number): Promise<Review["comments"]> {
    const variables = { ...ownerAndRepo(repository), index, review };
    const comments = await calls.find(z.array(ReviewCommentAnswer), `GET ${PULL}/reviews/{review}/comments`, variables);
    return comments ?? [];
  }

  function readReviews(repository: RepositoryName, index: number): Promise<z.infer<typeof ReviewAnswer>[]> {
    return calls.list(ReviewAnswer, `GET ${PULL}/reviews`, { ...ownerAndRepo(repository), index });
  }

  return {
    findPull,

    async readPull(repository, number) {
      const pull = await calls.find(PullAnswer, `GET ${PULL}`, { ...ownerAndRepo(repository), index: number });
      return pull && pullFrom(pull);
    },

    async listReviews(repository, number) {
      const reviews: Review[] = [];
      for (const { id, user, state, body, dismissed, comments_count } of await readReviews(repository, number)) {
        const known = REVIEW_STATES[state];
        if (known === undefined || !user || dismissed) continue;
        const comments = comments_count > 0 ? await readComments(repository, number, id) : [];
        reviews.push({ id, author: user, state: known, body, comments });
      }
      return reviews;
    },

    async ensurePull(repository, { head, base, title, body, draft }) {
      const place = ownerAndRepo(repository);
      const own = short(ownPullWords({ title, body }, draft));
      const found = await findOpen(repository, head, base);
      // 409: somebody opened it since.
      const missing =
        found === undefined && (await calls.find(PullAnswer, `POST ${PULLS}`, { ...place, head, base, ...own }, [409]));
      if (missing) return pullFrom(missing);
      const present = found ?? (await findOpen(repository, head, base));
      if (present === undefined)
        throw new FatalError("FORGE_CONFLICT", `The forge says that ${head} has a pull request, and lists none.`);
      const { id } = await self();
      const wanted = present.user.id === id ? own : short(foreignPullWords(present, { title, body }, draft));
      if (present.title === wanted.title && present.body === unixLines(wanted.body)) return pullFrom(present);
      const changed = await calls.request(PullAnswer, `PATCH ${PULL}`, { ...place, index: present.number, ...wanted });
      return pullFrom(changed);
    },

    async ensureReviewRequested(repository, number, logins) {
      const variables = { ...ownerAndRepo(repository), index: number };
      const pull = await calls.request(PullAnswer, `GET ${PULL}`, variables);
      // Who has reviewed is not asked a second time, and nobody is asked for a review of their own.
      const reviewers = (await readReviews(repository, number)).map(({ user }) => user);
      const asked = [pull.user, ...pull.requested_reviewers, ...reviewers].map((user) => user?.login.toLowerCase());
      for (const login of logins.filter((name) => !asked.includes(name.toLowerCase()))) {
        // An account that may not read the repository, or is not there, must not keep the others from being asked.
        await calls.write(`POST ${PULL}/requested_reviewers`, { ...variables, reviewers: [login] }, [404, 422]);
      }
    },
  };
}

function short<W extends { readonly title: string }>(words: W): W {
  return { ...words, title: truncate(words.title, TITLE_MAX) };
}

/** Branches of forks may have the same name. */
function comesFrom(head: string): (pull: PullAnswer) => boolean {
  return (pull) => headBranchOf(pull) === head && pull.head.repo_id === pull.base.repo_id;
}

function newest(pulls: readonly PullAnswer[]): PullAnswer | undefined {
  return pulls.toSorted((a, b) => a.number - b.number).at(-1);
}
