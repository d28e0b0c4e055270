/** The whole server as one function from requests to responses: faults first, then API, git and pages. */
import { setTimeout as wait } from "node:timers/promises";
import { Hono, type MiddlewareHandler } from "hono";
import { createApi } from "./api.ts";
import type { ChosenFailure } from "./faults.ts";
import { addGitRoutes } from "./git-http.ts";
import { addPages } from "./pages.ts";
import type { ApiEnvironment, Call } from "./routes/call.ts";
import type { World } from "./world.ts";

/** Ends a call badly; a call that hangs ends when its client gives up or the server closes. */
async function fail(c: Call, { failure }: ChosenFailure): Promise<Response> {
  if (failure === "reset") c.env.incoming.socket.destroy();
  if (failure === "hang" || failure === "reset") {
    await new Promise<void>((resolve) => c.env.outgoing.once("close", resolve));
    return new Response(null, { status: 499, headers: { "x-hono-already-sent": "true" } });
  }
  const headers = { "content-type": "application/json;charset=utf-8", ...failure.headers };
  return new Response(JSON.stringify({ message: "" }), { status: failure.status, headers });
}

function injectFaults(world: World): MiddlewareHandler<ApiEnvironment> {
  return async (c, next) => {
    const { pathname } = new URL(c.req.url);
    const delay = world.faults.delayOf(c.req.method, pathname);
    if (delay > 0) await wait(delay);
    const chosen = world.faults.ofCall(c.req.method, pathname);
    if (chosen && !chosen.afterActing) return fail(c, chosen);
    await next();
    if (chosen) c.res = await fail(c, chosen);
  };
}

/** The application of a world. */
export function createApp(world: World): Hono<ApiEnvironment> {
  const app = new Hono<ApiEnvironment>();
  app.use("*", injectFaults(world));
  app.route("/", createApi(world));
  addGitRoutes(app, world);
  addPages(app, world);
  app.notFound(() => new Response("404 page not found\n", { status: 404, headers: { "content-type": "text/plain" } }));
  return app;
}
