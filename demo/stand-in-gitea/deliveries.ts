/** Webhook deliveries as Gitea makes them: signed, late, in no order, tried once. */
import { createHmac, randomUUID } from "node:crypto";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { eventOf } from "./event-names.ts";
import type { Faults } from "./faults.ts";
import type { Json } from "./present/user.ts";
import { type Delivery, type Hook, nextId, type State } from "./state.ts";

/** Gitea gives a receiver this long for everything. */
const DELIVERY_TIMEOUT_MS = 5_000;

/** A delivery and what became of it. */
export interface DeliveryRecord extends Delivery {
  readonly url: string;
  readonly outcome: "waiting" | "delivered" | "failed" | "dropped";
  /** The receiver's status, when it answered. */
  readonly status?: number;
  readonly endedAt?: number;
}

/** The sender of webhooks, and what it remembers. */
export interface Deliveries {
  /** Queues an event for one hook; the payload is a snapshot taken now. */
  queue(hook: Hook, eventType: string, payload: Json): void;
  /** All deliveries of this process, in the order they were queued. */
  history(): readonly DeliveryRecord[];
  /** Sends an old payload again, under a new id, which is returned. */
  redeliver(id: number): number;
  /** Takes up what an earlier process had queued. */
  resume(): void;
  /** Resolves when nothing waits or is under way. */
  settled(): Promise<void>;
  /** Sends nothing more. */
  stop(): void;
}

/** What deliveries need. */
export interface DeliveryOptions {
  readonly state: State;
  readonly faults: Faults;
  readonly random: () => number;
  readonly delayMs: readonly [number, number];
  readonly save: () => void;
}

/** Pretty-printed, and with the characters that Go's encoder escapes. */
function serialise(payload: Json): string {
  return JSON.stringify(payload, null, 2).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function signature(algorithm: "sha1" | "sha256", secret: string, body: string): string {
  return secret === "" ? "" : createHmac(algorithm, secret).update(body).digest("hex");
}

/** The headers of a delivery, as gitea.com/gitea/gitea sends them. */
function headersOf(hook: Hook, delivery: Delivery): Record<string, string> {
  const sha256 = signature("sha256", hook.secret, delivery.body);
  const headers: Record<string, string> = {
    "User-Agent": "Go-http-client/1.1",
    "Content-Type": hook.contentType === "json" ? "application/json" : "application/x-www-form-urlencoded",
    "X-Hub-Signature": `sha1=${signature("sha1", hook.secret, delivery.body)}`,
    "X-Hub-Signature-256": `sha256=${sha256}`,
    "X-Gitea-Signature": sha256,
    "X-Gogs-Signature": sha256,
  };
  for (const brand of ["Gitea", "Gogs", "GitHub"]) {
    headers[`X-${brand}-Delivery`] = delivery.uuid;
    headers[`X-${brand}-Event`] = delivery.event;
    headers[`X-${brand}-Event-Type`] = delivery.eventType;
  }
  headers["X-Gitea-Hook-Installation-Target-Type"] = hook.scope;
  headers["X-GitHub-Hook-Installation-Target-Type"] = hook.scope;
  if (hook.authorizationHeader !== "") headers.Authorization = hook.authorizationHeader;
  return headers;
}

/** Posts a delivery; gives the receiver's status, or `undefined` when there was no answer in time. */
function post(hook: Hook, delivery: Delivery): Promise<number | undefined> {
  const text = hook.contentType === "json" ? delivery.body : new URLSearchParams({ payload: delivery.body }).toString();
  const body = Buffer.from(text);
  const headers = { ...headersOf(hook, delivery), "Content-Length": String(body.length) };
  const request = hook.url.startsWith("https:") ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(DELIVERY_TIMEOUT_MS);
    const outgoing = request(hook.url, { method: "POST", headers, signal, agent: false }, (answer) => {
      answer.resume();
      answer.on("end", () => resolve(answer.statusCode));
      answer.on("error", () => resolve(undefined));
    });
    outgoing.on("error", () => resolve(undefined));
    outgoing.end(body);
  });
}

function isSuccess(status: number | undefined): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

/** The sender of a stand-in's webhooks. */
export function createDeliveries(options: DeliveryOptions): Deliveries {
  const { state, faults, random } = options;
  const records: DeliveryRecord[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const underWay = new Set<Promise<void>>();
  const waiters: (() => void)[] = [];
  let stopped = false;

  const update = (id: number, change: Partial<DeliveryRecord>): void => {
    const index = records.findIndex((record) => record.id === id);
    const record = records[index];
    if (record) records[index] = { ...record, ...change };
  };
  const tellWaiters = (): void => {
    if (timers.size > 0 || underWay.size > 0) return;
    for (const tell of waiters.splice(0)) tell();
  };
  /** Marked as delivered before it is sent, as in Gitea: a crash in between loses it. */
  const take = (delivery: Delivery): Hook | undefined => {
    state.waiting = state.waiting.filter((waiting) => waiting.id !== delivery.id);
    options.save();
    return state.hooks.find((hook) => hook.id === delivery.hookId && hook.active);
  };
  const send = async (delivery: Delivery): Promise<void> => {
    const hook = take(delivery);
    const fault = faults.ofDelivery(delivery.eventType);
    if (!hook || fault === "drop") return update(delivery.id, { outcome: "dropped", endedAt: Date.now() });
    if (fault === "duplicate") await post(hook, delivery);
    const status = await post(hook, delivery);
    const outcome = isSuccess(status) ? "delivered" : "failed";
    update(delivery.id, { outcome, endedAt: Date.now(), ...(status === undefined ? {} : { status }) });
  };
  const schedule = (delivery: Delivery): void => {
    if (stopped) return;
    const [least, most] = options.delayMs;
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        const work = send(delivery).finally(() => {
          underWay.delete(work);
          tellWaiters();
        });
        underWay.add(work);
      },
      least + random() * (most - least),
    );
    timers.add(timer);
  };
  const add = (hook: Pick<Hook, "id" | "url">, eventType: string, body: string): number => {
    const id = nextId(state, "delivery");
    const event = eventOf(eventType);
    const delivery = { id, uuid: randomUUID(), hookId: hook.id, event, eventType, body, queuedAt: Date.now() };
    state.waiting.push(delivery);
    records.push({ ...delivery, url: hook.url, outcome: "waiting" });
    schedule(delivery);
    return id;
  };
  return {
    queue: (hook, eventType, payload) => void add(hook, eventType, serialise(payload)),
    history: () => records,
    redeliver(id) {
      const record = records.find((candidate) => candidate.id === id);
      if (!record) throw new Error(`no delivery ${id}`);
      return add({ id: record.hookId, url: record.url }, record.eventType, record.body);
    },
    resume() {
      for (const delivery of state.waiting) {
        const url = state.hooks.find((hook) => hook.id === delivery.hookId)?.url ?? "";
        records.push({ ...delivery, url, outcome: "waiting" });
        schedule(delivery);
      }
    },
    settled: () =>
      new Promise((resolve) => {
        waiters.push(resolve);
        tellWaiters();
      }),
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      tellWaiters();
    },
  };
}
