/** What routes read from a call, and how they answer lists. */
import type { HttpBindings } from "@hono/node-server";
import type { Context, Hono } from "hono";
import type { z } from "zod";
import { type Caller, can, type Permission } from "../access.ts";
import { ApiError, notFound } from "../api-error.ts";
import type { Json, Viewer } from "../present/user.ts";
import type { Issue, Pull, Repository, User } from "../state.ts";
import { findIssue } from "../threads.ts";
import { findRepository, type World } from "../world.ts";

/** What the middlewares leave for the routes. */
export interface ApiEnvironment {
  Bindings: HttpBindings;
  Variables: { caller: Caller | undefined };
}

/** The application that routes are added to. */
export type Api = Hono<ApiEnvironment>;
/** One call of a route. */
export type Call = Context<ApiEnvironment>;

/** Page size when nothing is asked for. */
export const DEFAULT_PAGE_SIZE = 30;
/** The largest page; larger wishes are cut without a word. */
export const MAXIMUM_PAGE_SIZE = 50;

/** A path parameter, decoded. */
export function parameter(c: Call, name: string): string {
  return c.req.param(name) ?? "";
}

/** Whoever looks, if anybody is known. */
export function viewerOf(c: Call): Viewer {
  return c.get("caller")?.user;
}

/** The caller of something that nobody may do unknown. */
export function doerOf(c: Call): User {
  const caller = c.get("caller");
  if (!caller) throw new ApiError(401, "token is required");
  return caller.user;
}

/** The repository of the path, for those who may see it. */
export function repositoryFrom(c: Call, world: World): Repository {
  const repository = findRepository(world.state, `${parameter(c, "owner")}/${parameter(c, "repo")}`);
  if (!repository || !can(repository, viewerOf(c), "read")) throw notFound();
  return repository;
}

/** The repository of the path, for those who may do more there; others are refused with `message`, or silently. */
export function repositoryFor(c: Call, world: World, least: Permission, message?: string): Repository {
  const repository = repositoryFrom(c, world);
  if (!can(repository, doerOf(c), least)) throw new ApiError(403, message);
  return repository;
}

/** What those hear who are no admins of a repository. */
export const ADMIN_NEEDED = "user should be an owner or a collaborator with admin write of a repository";

/** The issue or pull request of the path. */
export function issueFrom(c: Call, world: World, repository: Repository): Issue {
  const issue = findIssue(world, repository, Number(parameter(c, "index")));
  if (!issue) throw notFound();
  return issue;
}

/** The pull request of the path. */
export function pullFrom(c: Call, world: World, repository: Repository): { issue: Issue; pull: Pull } {
  const issue = issueFrom(c, world, repository);
  if (!issue.pull) throw notFound();
  return { issue, pull: issue.pull };
}

/** The body of a call; what does not fit is a 422, as is a body without a type. */
export async function readBody<T>(c: Call, schema: z.ZodType<T>): Promise<T> {
  if (!c.req.header("content-type")) throw new ApiError(422, "Empty Content-Type");
  const text = await c.req.text();
  const parsed = schema.safeParse(parseJson(text === "" ? "{}" : text));
  if (!parsed.success) throw new ApiError(422, parsed.error.issues.map((issue) => issue.message).join("; "));
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(422, `invalid JSON: ${error instanceof Error ? error.message : "unreadable"}`);
  }
}

/** Answers with JSON. */
export function answer(c: Call, status: 200 | 201, body: Json | readonly unknown[] | null): Response {
  return c.body(JSON.stringify(body), status, { "content-type": "application/json;charset=utf-8" });
}

/** Answers with nothing but a status. */
export function answerEmpty(c: Call, status: 200 | 201 | 204): Response {
  return c.body(null, status);
}

/** Tells how many there are, whatever is shown. */
export function countTotal(c: Call, total: number): void {
  c.header("X-Total-Count", String(total));
  c.header("Access-Control-Expose-Headers", "X-Total-Count");
}

function linkTo(c: Call, world: World, page: number, relation: string): string {
  const url = new URL(c.req.url);
  url.searchParams.set("page", String(page));
  return `<${world.url}${url.pathname}${url.search}>; rel="${relation}"`;
}

/** The asked-for page of a list, with its total; only some routes tell of other pages with `Link`. */
export function pageOf<T>(c: Call, world: World, all: readonly T[], withLink: boolean): readonly T[] {
  const page = Math.max(1, Number(c.req.query("page")) || 1);
  const size = Math.min(MAXIMUM_PAGE_SIZE, Number(c.req.query("limit")) || DEFAULT_PAGE_SIZE);
  countTotal(c, all.length);
  const last = Math.max(1, Math.ceil(all.length / size));
  const links = [
    ...(page < last ? [linkTo(c, world, page + 1, "next"), linkTo(c, world, last, "last")] : []),
    ...(page > 1 ? [linkTo(c, world, 1, "first"), linkTo(c, world, page - 1, "prev")] : []),
  ];
  if (withLink && links.length > 0) c.header("Link", links.join(","));
  return all.slice((page - 1) * size, page * size);
}
