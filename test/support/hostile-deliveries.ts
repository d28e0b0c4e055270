/** Deliveries of every kind that the outside can send, each with the answers that are right, drawn from a seed. */
import { createHmac } from "node:crypto";
import { createRandom } from "../../demo/stand-in-gitea/random.ts";
import { type Answer, chunked, onTheWire, type RawRequest } from "./raw-http.ts";

/** One delivery, ready to be sent. */
export interface HostileDelivery {
  readonly kind: string;
  readonly bytes: Buffer;
  readonly answers: readonly Answer[];
  /** Nothing follows on this connection, though the server may wait for more. */
  readonly end: boolean;
  /** The issue that its one effect names; absent: it must have none. */
  readonly effect?: number;
}

/** What deliveries are made of. */
export interface DeliveryParts {
  readonly seed: number;
  readonly secret: string;
  /** The payload of a valid `issues` event. */
  readonly payload: { readonly issue: object };
  /** What the server takes. */
  readonly maxBytes: number;
  /** Only large ones, and good ones between them. */
  readonly onlyLarge?: boolean;
}

type Headers = RawRequest["headers"];
type Make = () => HostileDelivery;
type Choices<T> = readonly [T, ...T[]];

/** Bodies that forgeries and replays are made from. */
const POOL = 200;
/** Stands nowhere else in a payload. */
const TITLE = "A title that nothing else has";
/** Longer ids and event names are refused. */
const LONG = "x".repeat(201);
const NO_UTF8 = Buffer.from([0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80]);

/** A maker whose every call gives the next delivery. */
export function createHostileDeliveries({ seed, secret, payload, maxBytes, onlyLarge }: DeliveryParts): Make {
  const random = createRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(choices: Choices<T>): T => choices[below(choices.length)] ?? choices[0];
  const hex = (length: number) => Array.from({ length }, () => below(16).toString(16)).join("");
  const digest = (body: Buffer, key = secret) => createHmac("sha256", key).update(body).digest("hex");
  const headers = (signature: string, id = hex(12)) => ({
    "content-type": "application/json",
    "x-gitea-delivery": id,
    "x-gitea-event-type": "issues",
    "x-hub-signature-256": `sha256=${signature}`,
    "x-gitea-signature": signature,
  });

  const sent: { readonly body: Buffer; readonly id: string }[] = [];
  let issues = 0;

  /** Known by its number alone; what else it says may be written in any way. */
  function good(kind = "good", write: (text: string) => string | Buffer = (text) => text): HostileDelivery {
    issues += 1;
    const issue = { ...payload.issue, number: issues, title: TITLE };
    const made = { body: Buffer.from(write(JSON.stringify({ ...payload, issue }))), id: hex(12) };
    sent[issues % POOL] = made;
    return { ...told(kind, headers(digest(made.body), made.id), made.body, [202]), effect: issues };
  }

  const strangeButGood: Choices<Make> = [
    () =>
      good("good with a title that is no UTF-8", (text) => {
        const [before = "", after = ""] = text.split(TITLE);
        return Buffer.concat([Buffer.from(before), NO_UTF8, Buffer.from(after)]);
      }),
    () => good("good with a key twice", (text) => `{"action":"deleted","issue":{"number":0},${text.slice(1)}`),
  ];

  function known(): { readonly body: Buffer; readonly id: string } {
    return sent[below(sent.length)] ?? { body: Buffer.from("{}"), id: "none" };
  }

  function replay(): HostileDelivery {
    const { body, id } = known();
    return told("replay", headers(digest(body), pick([id, hex(12)])), body, [202]);
  }

  function forgery(kind: string, headersFor: (body: Buffer) => Headers): Make {
    return () => {
      const { body } = known();
      return told(kind, headersFor(body), body, [401]);
    };
  }

  const forgeries: Choices<Make> = [
    forgery("wrong digest", () => headers(hex(64))),
    forgery("digest of another body", (body) => headers(digest(Buffer.concat([body, Buffer.from(" ")])))),
    forgery("wrong key", (body) => headers(digest(body, `${secret}${below(10)}`))),
    forgery("empty key", (body) => headers(digest(body, ""))),
    forgery("empty digest", () => headers("")),
    forgery("no digest", () => ({ ...headers(""), "x-hub-signature-256": undefined, "x-gitea-signature": undefined })),
    forgery("cut digest", (body) => headers(digest(body).slice(0, below(64)))),
    forgery("digest in capitals", (body) => headers(digest(body).replace(/[a-f]|^/g, (a) => a.toUpperCase() || "A"))),
    forgery("digest twice", (body) => ({
      ...headers(digest(body)),
      "x-hub-signature-256": [`sha256=${digest(body)}`, `sha256=${hex(64)}`],
    })),
    forgery("SHA-1", (body) => ({
      ...headers(digest(body)),
      "x-hub-signature-256": `sha1=${createHmac("sha1", secret).update(body).digest("hex")}`,
    })),
    function changedBody() {
      const { body } = known();
      const changed = Buffer.from(body);
      const at = below(changed.length);
      changed[at] = ((changed[at] ?? 0) + 1 + below(255)) % 256;
      return told("changed body", headers(digest(body)), changed, [401]);
    },
    function cutBody() {
      const { body } = known();
      return told("cut body", headers(digest(body)), body.subarray(0, below(body.length)), [401]);
    },
  ];

  function wrong(kind: string, status: number, change: () => Partial<RawRequest>): Make {
    return () => {
      const { body } = known();
      const { headers: changed, ...request } = change();
      return told(kind, { ...headers(digest(body)), ...changed }, body, [status], request);
    };
  }

  const TYPES: Choices<string> = ["", "text/plain", "application/json5", "application/x-www-form-urlencoded"];
  const wrongRequests: Choices<Make> = [
    wrong("wrong type", 415, () => ({ headers: { "content-type": pick(TYPES) } })),
    wrong("wrong method", 405, () => ({ method: pick(["PUT", "DELETE", "PATCH", "OPTIONS"]) })),
    wrong("wrong path", 404, () => ({ path: pick(["/webhook/", "/webhook/github", "/webhook/gitea/x"]) })),
    wrong("no id", 400, () => ({ headers: { "x-gitea-delivery": pick([undefined, "", LONG]) } })),
    wrong("no event", 400, () => ({ headers: { "x-gitea-event-type": pick([undefined, "", LONG]) } })),
  ];

  /** Signed by the right key, and yet no event. */
  function nonsense(kind: string, makeBody: (text: string) => string | Buffer, eventType = "issues"): Make {
    return () => {
      const body = Buffer.from(makeBody(known().body.toString()));
      return told(kind, { ...headers(digest(body)), "x-gitea-event-type": eventType }, body, [202]);
    };
  }

  const signedNonsense: Choices<Make> = [
    nonsense("truncated JSON", (text) => text.slice(0, below(text.length))),
    nonsense("no JSON", () => Buffer.from(Array.from({ length: below(300) }, () => below(256)))),
    nonsense("duplicate keys", (text) => `${text.slice(0, -1)},"action":"deleted${below(1e6)}"}`),
    nonsense("invalid UTF-8", (text) =>
      Buffer.concat([Buffer.from(`${text.slice(0, -1)},"repository":"`), NO_UTF8, Buffer.from('"}')]),
    ),
    nonsense("own prototype", (text) => `{"__proto__":${text},"constructor":{"action":"opened"}}`),
    nonsense("unknown event", (text) => text, "meteor"),
    nonsense("event named as a property", (text) => text, "constructor"),
  ];

  function broken(kind: string, answers: readonly Answer[], change: (right: RawRequest) => RawRequest): Make {
    return () => {
      const { body } = known();
      const bytes = onTheWire(change({ path: "/webhook/gitea", headers: headers(digest(body)), body }));
      return { kind, bytes, answers, end: true };
    };
  }

  const announcing = (length: number) => (right: RawRequest) => ({
    ...right,
    headers: { ...right.headers, "content-length": `${length}` },
  });
  const room = maxBytes - 64;
  const deep = Buffer.from(`{"action":"opened","issue":${"[".repeat(room)}`);
  const deepThatEnds = Buffer.from(`{"action":${'{"a":'.repeat(room / 6)}1${"}".repeat(room / 6)}}`);
  const huge = Buffer.from(`{${Array.from({ length: room / 12 }, (_, n) => `"k${n}":1`).join(",")}}`);
  const hugeNumber = Buffer.from(`{"action":"opened","number":${"9".repeat(room)}}`);
  const unsigned =
    (kind: string, body: Buffer): Make =>
    () =>
      told(kind, headers(hex(64)), body, [401]);
  const large: Choices<Make> = [
    nonsense("deep JSON", () => deep),
    nonsense("deep JSON that ends", () => deepThatEnds),
    nonsense("huge JSON", () => huge),
    nonsense("huge number", () => hugeNumber),
    unsigned("unsigned deep JSON", deepThatEnds),
    unsigned("unsigned huge JSON", huge),
    broken("announced too large", [413], (right) => announcing(maxBytes + 1 + below(1e9))(right)),
    broken("too large", [413, "closed"], (right) => chunked({ ...right, body: Buffer.alloc(maxBytes + 1, "x") })),
    broken("body that breaks off", [400, "closed"], (right) => announcing(right.body.length + 1)(right)),
    broken("endless head", [431], (right) => ({
      ...right,
      headers: { ...right.headers, "x-long": "x".repeat(40_000) },
    })),
    broken("no HTTP", [400], (right) => ({ ...right, method: "\u0001" })),
    function headThatBreaksOff() {
      const bytes = onTheWire({ headers: {}, body: Buffer.alloc(0) });
      return { kind: "head that breaks off", bytes: bytes.subarray(0, below(40)), answers: [400, "closed"], end: true };
    },
  ];

  if (onlyLarge) return () => (below(4) === 0 ? pick([() => good(), ...strangeButGood])() : pick(large)());
  return () => {
    const thousandth = sent.length === 0 ? 0 : below(1_000);
    if (thousandth < 18) return good();
    if (thousandth < 20) return pick(strangeButGood)();
    if (thousandth < 50) return replay();
    if (thousandth < 60) return pick(large)();
    if (thousandth < 160) return pick(signedNonsense)();
    if (thousandth < 310) return pick(wrongRequests)();
    return pick(forgeries)();
  };
}

function told(
  kind: string,
  headers: Headers,
  body: Buffer,
  answers: readonly Answer[],
  request: Partial<RawRequest> = {},
): HostileDelivery {
  const bytes = onTheWire({ path: "/webhook/gitea", headers, body, ...request });
  return { kind, bytes, answers, end: false };
}
