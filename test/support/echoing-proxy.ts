/** A proxy before a forge that fails now and then, and then repeats the credentials it was sent wherever a client may show them. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request as requestTo, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createRandom } from "../../demo/stand-in-gitea/random.ts";

/** One call of so many fails; which, is drawn, so that no step of a task meets it at every try. */
const FAILS_ONE_OF = 12;

const SEED = 1;

/** The proxy. */
export interface EchoingProxy extends AsyncDisposable {
  readonly url: string;
  /** What it has repeated: each Authorization header as it was sent. */
  readonly echoed: readonly string[];
  /** From now on calls go on to this server. */
  forwardTo(url: string): void;
}

/** Starts it; after so many failures it only passes on, for each costs a task a pause. Its API repeats `known` besides: what only the bot has, which alone asks it. */
export async function openEchoingProxy(mostFailures: number, known: readonly string[]): Promise<EchoingProxy> {
  const echoed: string[] = [];
  const random = createRandom(SEED);
  let target = "";
  let refusesPush = true;

  function fails({ url = "", headers }: IncomingMessage): boolean {
    if (headers.authorization === undefined || echoed.length >= mostFailures) return false;
    if (url.includes("service=git-receive-pack") && refusesPush) {
      refusesPush = false;
      return true;
    }
    return url.startsWith("/api/") && random() * FAILS_ONE_OF < 1;
  }

  const server = createServer((request, response) => {
    const { authorization = "" } = request.headers;
    if (!fails(request)) return forward(target, request, response);
    echoed.push(authorization);
    request.resume();
    const isGit = !request.url?.startsWith("/api/");
    response.writeHead(isGit ? 403 : 500, {
      "content-type": isGit ? "text/plain" : "application/json",
      "x-was-sent": authorization,
      "x-known": known.join(" "),
    });
    response.end(
      isGit
        ? `you sent ${authorization}\n`
        : JSON.stringify({ message: `you sent ${authorization}, and I know ${known.join(" ")}` }),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    echoed,
    forwardTo: (url) => {
      target = url;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function forward(target: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, url, headers } = request;
  const passed = requestTo(`${target}${url}`, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on("error", () => response.destroy());
  request.pipe(passed);
}
