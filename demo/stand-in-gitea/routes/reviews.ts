/** Routes about reviews and asking for them. */
import { z } from "zod";
import { can } from "../access.ts";
import { ApiError, notFound } from "../api-error.ts";
import { tellThread } from "../notify.ts";
import { presentReview, presentReviewComments } from "../present/pull.ts";
import {
  type Issue,
  nextId,
  type Pull,
  type Repository,
  type Review,
  type ReviewComment,
  type User,
} from "../state.ts";
import { addEntry } from "../threads.ts";
import { findUser, timestamp, type World } from "../world.ts";
import {
  type Api,
  answer,
  answerEmpty,
  type Call,
  doerOf,
  pageOf,
  parameter,
  pullFrom,
  readBody,
  repositoryFor,
  repositoryFrom,
  viewerOf,
} from "./call.ts";

const NewReview = z.object({
  event: z.string().nullish(),
  body: z.string().nullish(),
  commit_id: z.string().nullish(),
  comments: z
    .array(
      z.object({
        path: z.string(),
        body: z.string(),
        new_position: z.number().nullish(),
        old_position: z.number().nullish(),
      }),
    )
    .nullish(),
});
type NewReview = z.infer<typeof NewReview>;
const Reviewers = z.object({ reviewers: z.array(z.string()).nullish() });

const PATH = "/repos/:owner/:repo/pulls/:index{[0-9]+}";

/** The last part of the event type, by what a review says. */
const REVIEW_EVENTS: Readonly<Record<string, string>> = {
  APPROVED: "review_approved",
  REQUEST_CHANGES: "review_rejected",
  COMMENT: "review_comment",
};

function reviewsOf(world: World, issue: Issue): readonly Review[] {
  return world.state.reviews.filter((review) => review.issueId === issue.id);
}

/** Words that are not known make a pending review, which nobody sees; without a text they are refused. */
function stateFrom(wish: NewReview, issue: Issue, doer: User): Review["state"] {
  const event = wish.event ?? "";
  const isKnown = event === "APPROVED" || event === "REQUEST_CHANGES" || event === "COMMENT" || event === "PENDING";
  const hasText = Boolean(wish.body) || (wish.comments ?? []).length > 0;
  if ((event === "APPROVED" || event === "REQUEST_CHANGES") && issue.posterId === doer.id) {
    throw new ApiError(
      422,
      event === "APPROVED" ? "approve your own pull is not allowed" : "reject your own pull is not allowed",
    );
  }
  if (event !== "APPROVED" && !hasText) throw new ApiError(422, `review event ${event} requires a body`);
  return isKnown ? event : "PENDING";
}

function retireOlder(world: World, issue: Issue, userId: number): void {
  world.state.reviews = world.state.reviews.filter(
    (review) => review.issueId !== issue.id || review.userId !== userId || review.state !== "REQUEST_REVIEW",
  );
  for (const review of reviewsOf(world, issue)) {
    if (review.userId !== userId || !review.official) continue;
    review.official = false;
    review.dismissed = review.state === "REQUEST_CHANGES";
    review.updated = timestamp();
  }
}

function commentsFrom(world: World, issue: Issue, wish: NewReview, reviewId: number, doer: User): ReviewComment[] {
  return (wish.comments ?? []).map((comment) => ({
    id: addEntry(world, issue, { type: "code", userId: doer.id, body: comment.body, reviewId }).id,
    path: comment.path,
    body: comment.body,
    newPosition: comment.new_position ?? 0,
    oldPosition: comment.old_position ?? 0,
  }));
}

async function submit(
  world: World,
  repository: Repository,
  { issue, pull }: { readonly issue: Issue; readonly pull: Pull },
  wish: NewReview,
  doer: User,
): Promise<Review> {
  const state = stateFrom(wish, issue, doer);
  const id = nextId(world.state, "review");
  const isVerdict = state === "APPROVED" || state === "REQUEST_CHANGES";
  if (isVerdict) retireOlder(world, issue, doer.id);
  const comments = commentsFrom(world, issue, wish, id, doer);
  const body = wish.body ?? "";
  const isVisible = state !== "PENDING";
  const entry = isVisible ? addEntry(world, issue, { type: "review", userId: doer.id, body, reviewId: id }) : undefined;
  const now = timestamp();
  const review: Review = {
    id,
    issueId: issue.id,
    userId: doer.id,
    state,
    body,
    commit: wish.commit_id || pull.headSha,
    official: isVerdict && can(repository, doer, "write"),
    dismissed: false,
    entryId: entry?.id ?? null,
    submitted: now,
    updated: now,
    comments,
  };
  world.state.reviews.push(review);
  const aspect = REVIEW_EVENTS[state];
  if (aspect) {
    const details = {
      reviewer: doer,
      review: { type: `pull_request_${aspect}`, content: body },
      audience: "read",
    } as const;
    await tellThread(world, { aspect, action: "reviewed", issue, doer }, details);
  }
  return review;
}

async function requestReview(world: World, issue: Issue, reviewer: User, doer: User): Promise<Review> {
  const now = timestamp();
  addEntry(world, issue, { type: "review_request", userId: doer.id, assigneeId: reviewer.id });
  const review: Review = {
    id: nextId(world.state, "review"),
    issueId: issue.id,
    userId: reviewer.id,
    state: "REQUEST_REVIEW",
    body: "",
    commit: "",
    official: true,
    dismissed: false,
    entryId: null,
    submitted: now,
    updated: now,
    comments: [],
  };
  world.state.reviews.push(review);
  await tellThread(world, { aspect: "review_request", action: "review_requested", issue, doer }, { reviewer });
  return review;
}

function addRequestRoutes(api: Api, world: World): void {
  const reviewersFrom = async (c: Call): Promise<User[]> => {
    const { reviewers } = await readBody(c, Reviewers);
    return (reviewers ?? []).map((name) => {
      const user = findUser(world.state, name);
      if (!user) throw notFound(`user does not exist [uid: 0, name: ${name}]`);
      return user;
    });
  };
  const isAsked = (issue: Issue, user: User): boolean =>
    reviewsOf(world, issue).some((review) => review.userId === user.id && review.state === "REQUEST_REVIEW");
  api.post(`${PATH}/requested_reviewers`, async (c) => {
    const { issue } = pullFrom(c, world, repositoryFor(c, world, "write"));
    const reviewers = await reviewersFrom(c);
    if (reviewers.some((reviewer) => reviewer.id === issue.posterId)) {
      throw new ApiError(422, "poster of pr can't be reviewer");
    }
    const made: Review[] = [];
    for (const reviewer of reviewers.filter((candidate) => !isAsked(issue, candidate))) {
      made.push(await requestReview(world, issue, reviewer, doerOf(c)));
    }
    return answer(
      c,
      201,
      made.map((review) => presentReview(world, issue, review, doerOf(c))),
    );
  });
  api.delete(`${PATH}/requested_reviewers`, async (c) => {
    const { issue } = pullFrom(c, world, repositoryFor(c, world, "write"));
    for (const reviewer of await reviewersFrom(c)) {
      world.state.reviews = world.state.reviews.filter(
        (review) => review.issueId !== issue.id || review.userId !== reviewer.id || review.state !== "REQUEST_REVIEW",
      );
      const happened = { aspect: "review_request", action: "review_request_removed", issue, doer: doerOf(c) };
      await tellThread(world, happened, { reviewer });
    }
    return answerEmpty(c, 204);
  });
}

/** Adds the routes about reviews. */
export function addReviewRoutes(api: Api, world: World): void {
  api.get(`${PATH}/reviews`, (c) => {
    const { issue } = pullFrom(c, world, repositoryFrom(c, world));
    const visible = reviewsOf(world, issue).filter(
      (review) => review.state !== "PENDING" || review.userId === viewerOf(c)?.id,
    );
    const page = pageOf(c, world, visible, false);
    return answer(
      c,
      200,
      page.map((review) => presentReview(world, issue, review, viewerOf(c))),
    );
  });
  api.post(`${PATH}/reviews`, async (c) => {
    const repository = repositoryFor(c, world, "read");
    const found = pullFrom(c, world, repository);
    const review = await submit(world, repository, found, await readBody(c, NewReview), doerOf(c));
    return answer(c, 200, presentReview(world, found.issue, review, doerOf(c)));
  });
  const reviewFrom = (c: Call): { issue: Issue; review: Review } => {
    const { issue } = pullFrom(c, world, repositoryFrom(c, world));
    const review = reviewsOf(world, issue).find((candidate) => candidate.id === Number(parameter(c, "id")));
    if (!review) throw notFound();
    return { issue, review };
  };
  api.get(`${PATH}/reviews/:id`, (c) => {
    const { issue, review } = reviewFrom(c);
    return answer(c, 200, presentReview(world, issue, review, viewerOf(c)));
  });
  api.get(`${PATH}/reviews/:id/comments`, (c) => {
    const { issue, review } = reviewFrom(c);
    return answer(c, 200, presentReviewComments(world, issue, review, viewerOf(c)));
  });
  addRequestRoutes(api, world);
}
