/** A program that plays a Gitea 1.26 server: real git over HTTP, REST, signed webhooks and pages, with its awkward habits. */
import { randomInt } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { createApp } from "./app.ts";
import { createComparisons } from "./comparisons.ts";
import { createDeliveries, type DeliveryRecord } from "./deliveries.ts";
import { createFaults, type Faults } from "./faults.ts";
import { threadPage } from "./pages.ts";
import { createRandom } from "./random.ts";
import { catchUpPulls } from "./ref-changes.ts";
import { makeHook } from "./routes/hooks.ts";
import { makeRepository, makeToken, makeUser } from "./set-up.ts";
import { type Access, createEmptyState, type Repository, type State } from "./state.ts";
import { readState, writeState } from "./state-file.ts";
import { findIssue } from "./threads.ts";
import { findRepository, findUser, gitFolder, type World } from "./world.ts";

/** How late Gitea's deliveries were seen to be. */
const USUAL_DELAY_MS: readonly [number, number] = [0, 2_000];
const LARGEST_SEED = 2 ** 32;

/** How to start a stand-in. */
export interface StandInOptions {
  /** Where the git repositories are, and the state when it is kept. */
  readonly folder: string;
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port?: number;
  /** Least and most time from an event to its delivery; each delivery has its own, so they overtake each other. */
  readonly deliveryDelayMs?: readonly [number, number];
  /** Decides delays and faults; a random one is told by `seed`. */
  readonly seed?: number;
  /** Writes the state to the folder after each change, and goes on from what is there. */
  readonly keepState?: boolean;
  /** The address told in answers, when it is not the one listened on. */
  readonly publicUrl?: string;
}

/** What a new user is, beside a person. */
export interface NewUserOptions {
  readonly admin?: boolean;
  readonly bot?: boolean;
  /** Every call is refused until the password is changed, as for bots made on the command line. */
  readonly mustChangePassword?: boolean;
}

/** What a new repository holds. */
export interface NewRepositoryOptions {
  readonly private?: boolean;
  readonly files: Readonly<Record<string, string>>;
}

/** Where a new hook delivers, and what. */
export interface NewHookOptions {
  readonly url: string;
  readonly secret?: string;
  readonly events?: readonly string[];
  readonly contentType?: "json" | "form";
  readonly authorizationHeader?: string;
}

/** A running stand-in. */
export interface StandInGitea extends AsyncDisposable {
  readonly url: string;
  readonly seed: number;
  readonly folder: string;
  readonly faults: Faults;
  addUser(login: string, options?: NewUserOptions): { readonly id: number; readonly token: string };
  /** One more token; without scopes it may do everything. */
  addToken(login: string, scopes?: readonly string[]): string;
  /** A repository `owner/name` with a first commit on `main`; an owner that is no user becomes an organisation. */
  addRepository(
    name: string,
    options: NewRepositoryOptions,
  ): Promise<{ readonly id: number; readonly cloneUrl: string }>;
  setPermission(repository: string, login: string, access: Access): void;
  /** An active webhook of a repository; all events when none are named. */
  addHook(repository: string, options: NewHookOptions): { readonly id: number };
  /** The first token of a user, when there is such a user. */
  tokenOf(login: string): string | undefined;
  hasRepository(name: string): boolean;
  /** Where the bare repository is. */
  gitFolder(repository: string): string;
  deliveries(): readonly DeliveryRecord[];
  /** Sends an old payload again under a new delivery id; gives the number of the new delivery. */
  redeliver(id: number): number;
  /** Resolves when no delivery waits and nothing goes on in the background. */
  settled(): Promise<void>;
  /** Writes the page of an issue or pull request. */
  saveThread(repository: string, number: number, file: string): void;
  close(): Promise<void>;
}

const ALL_EVENTS = ["issues", "pull_request", "push", "create", "delete", "status", "repository"];

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

/** One act after the other for each repository. */
function createRefLocks(): World["withRefs"] {
  const last = new Map<number, Promise<unknown>>();
  return (repository, act) => {
    const done = (last.get(repository.id) ?? Promise.resolve()).then(act, act);
    last.set(repository.id, done);
    return done;
  };
}

function createWorld(
  options: StandInOptions,
  state: State,
  url: string,
  random: () => number,
  background: Set<Promise<void>>,
): World {
  const { folder } = options;
  const save = (): void => {
    if (options.keepState) writeState(folder, state);
  };
  const faults = createFaults(random);
  const delayMs = options.deliveryDelayMs ?? USUAL_DELAY_MS;
  return {
    state,
    url,
    folder,
    faults,
    random,
    save,
    deliveries: createDeliveries({ state, faults, random, delayMs, save }),
    comparisons: createComparisons(),
    withRefs: createRefLocks(),
    inBackground(work) {
      const tracked = work.then(save).finally(() => background.delete(tracked));
      background.add(tracked);
    },
  };
}

async function settle(world: World, background: ReadonlySet<Promise<void>>): Promise<void> {
  while (background.size > 0) await Promise.all(background);
  await world.deliveries.settled();
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}

function known<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`the stand-in has no ${what}`);
  return found;
}

/** The set-up helpers of a world; each is kept at once. */
function createHelpers(world: World) {
  const repositoryOf = (name: string): Repository => known(findRepository(world.state, name), `repository ${name}`);
  const userOf = (login: string) => known(findUser(world.state, login), `user ${login}`);
  return {
    addUser(login: string, options: NewUserOptions = {}) {
      const { admin = false, bot = false, mustChangePassword = false } = options;
      const user = makeUser(world, { login, kind: bot ? "bot" : "person", admin, mustChangePassword });
      const token = makeToken(world, user, null);
      world.save();
      return { id: user.id, token };
    },
    addToken(login: string, scopes?: readonly string[]) {
      const token = makeToken(world, userOf(login), scopes ?? null);
      world.save();
      return token;
    },
    async addRepository(name: string, options: NewRepositoryOptions) {
      const repository = await makeRepository(world, name, { files: options.files, private: options.private ?? false });
      world.save();
      return { id: repository.id, cloneUrl: `${world.url}/${name}.git` };
    },
    setPermission(repository: string, login: string, access: Access) {
      repositoryOf(repository).collaborators[userOf(login).id] = access;
      world.save();
    },
    addHook(repository: string, options: NewHookOptions) {
      const { url, secret = "", contentType = "json", events = ALL_EVENTS, authorizationHeader = "" } = options;
      const scope = { scope: "repository", repositoryId: repositoryOf(repository).id, ownerId: null } as const;
      const config = { url, secret, content_type: contentType };
      const wish = {
        type: "gitea",
        config,
        events: [...events],
        authorization_header: authorizationHeader,
        active: true,
      };
      const { id } = makeHook(world, scope, wish);
      world.save();
      return { id };
    },
    tokenOf(login: string) {
      const user = findUser(world.state, login);
      return world.state.tokens.find((token) => token.userId === user?.id)?.value;
    },
    hasRepository: (name: string) => findRepository(world.state, name) !== undefined,
    gitFolder: (repository: string) => gitFolder(world, repositoryOf(repository)),
    deliveries: () => world.deliveries.history(),
    redeliver: (id: number) => world.deliveries.redeliver(id),
    saveThread(repository: string, number: number, file: string) {
      const issue = known(findIssue(world, repositoryOf(repository), number), `issue ${repository}#${number}`);
      writeFileSync(file, threadPage(world, issue));
    },
  };
}

/** Starts a stand-in. */
export async function createStandInGitea(options: StandInOptions): Promise<StandInGitea> {
  const { folder, host = "127.0.0.1", port = 0, seed = randomInt(LARGEST_SEED) } = options;
  mkdirSync(join(folder, "git"), { recursive: true });
  const state = options.keepState ? readState(folder) : createEmptyState();
  const server = createServer();
  const actualPort = await listen(server, host, port);
  const url = options.publicUrl ?? `http://${host}:${actualPort}`;
  const background = new Set<Promise<void>>();
  const world = createWorld(options, state, url, createRandom(seed), background);
  for (const repository of state.repositories) await catchUpPulls(world, repository);
  server.on("request", getRequestListener(createApp(world).fetch));
  world.deliveries.resume();
  const close = async (): Promise<void> => {
    world.deliveries.stop();
    await closeServer(server);
  };
  return {
    url,
    seed,
    folder,
    faults: world.faults,
    ...createHelpers(world),
    settled: () => settle(world, background),
    close,
    [Symbol.asyncDispose]: close,
  };
}
