// A sample log: clients of the kinds that an API meets, each with its own rhythm, merged by time. The same for the same
// seed. The API it tells of answers the 61st request of a key within a minute with a 429, so that clients can react to it.

import { type Random, randomOf } from "./random.ts";

/** One call of a client. */
interface Call {
  readonly atMs: number;
  readonly key: string;
}

/** A client: when it calls next, by when it called last and what it was answered. */
interface Client {
  readonly ip: string;
  /** What it does most of the time. */
  readonly favourite: (typeof CALLS)[number];
  readonly fields: Readonly<Record<string, string>>;
  readonly next: (lastMs: number, status: number) => Call;
  call: Call;
}

/** Chooses how a client calls. */
type Rhythm = (key: string, random: Random) => Client["next"];

/** Monday, 2 November 2026, 08:00 UTC. */
const STARTS_AT = Date.UTC(2026, 10, 2, 8);
const MINUTE_MS = 60_000;
/** Requests of a key that the API behind the log admits in a minute. */
const ORIGIN_LIMIT = 60;

/** Steady: about as often all the time. */
const steady: Rhythm = (key, random) => {
  const everyMs = random.between(800, 8_000);
  return (lastMs) => ({ atMs: lastMs + random.exponential(everyMs), key });
};

/** Bursty: many calls at once, then a pause of minutes. */
const bursty: Rhythm = (key, random) => {
  let left = 0;
  return (lastMs) => {
    if (left > 0) {
      left -= 1;
      return { atMs: lastMs + random.exponential(120), key };
    }
    left = random.between(10, 150);
    return { atMs: lastMs + random.exponential(4 * MINUTE_MS), key };
  };
};

/** Cron: a batch at the start of each minute, or of each fifth. */
const cron: Rhythm = (key, random) => {
  const everyMs = random.chance(0.5) ? MINUTE_MS : 5 * MINUTE_MS;
  const batch = random.between(5, 80);
  let left = 0;
  return (lastMs) => {
    if (left > 0) {
      left -= 1;
      return { atMs: lastMs + random.between(5, 40), key };
    }
    left = batch;
    return { atMs: lastMs - (lastMs % everyMs) + everyMs + random.between(0, 900), key };
  };
};

/** Retry storm: steady, but a 429 is tried again at once, up to 20 times. */
const storm: Rhythm = (key, random) => {
  let retries = 0;
  return (lastMs, status) => {
    if (status === 429 && retries < 20) {
      retries += 1;
      return { atMs: lastMs + random.between(10, 60), key };
    }
    retries = 0;
    return { atMs: lastMs + random.exponential(850), key };
  };
};

/** Rotation: a new key after every few dozen calls, from the same address. */
const rotating: Rhythm = (key, random) => {
  let turn = 0;
  let left = random.between(20, 60);
  return (lastMs) => {
    left -= 1;
    if (left < 0) {
      turn += 1;
      left = random.between(20, 60);
    }
    return { atMs: lastMs + random.exponential(600), key: `${key}_${turn}` };
  };
};

/** How many clients of each kind there are. */
const KINDS: readonly (readonly [kind: string, rhythm: Rhythm, clients: number])[] = [
  ["steady", steady, 24],
  ["bursty", bursty, 8],
  ["cron", cron, 6],
  ["storm", storm, 2],
  ["rotating", rotating, 2],
];

/** Where calls go, and how often: the paths of the APIs in `examples/`. */
const CALLS: readonly (readonly [method: string, path: string, weight: number])[] = [
  ["GET", "/status", 30],
  ["POST", "/apply", 20],
  ["GET", "/api/v1/users?page=2", 15],
  ["GET", "/api/v1/jobs/~01abc", 10],
  ["POST", "/generate-proposal", 8],
  ["GET", "/applied-jobs", 6],
  ["POST", "/mcp", 5],
  ["GET", "/external/freelancers", 4],
  ["HEAD", "/api/v1/users", 1],
  ["GET", "/health", 1],
];

/** What the API answers what it admits, and how often. */
const STATUSES: readonly (readonly [status: number, weight: number])[] = [
  [200, 96],
  [404, 2],
  [401, 1],
  [500, 1],
];

/** The lines of a sample log, in the order of their time. */
export function* sampleLines(lines: number, seed: number): Generator<string> {
  const random = randomOf(seed);
  const clients = clientsOf(random);
  const origin = new Origin();
  for (let line = 0; line < lines; line++) {
    const client = clients.reduce((first, one) => (one.call.atMs < first.call.atMs ? one : first));
    const { atMs, key } = client.call;
    const [method, path] = random.chance(0.5) ? client.favourite : random.weighted(CALLS);
    const status = origin.answer(key, atMs, random);
    yield JSON.stringify({
      time: new Date(atMs).toISOString(),
      method,
      path,
      key,
      ip: client.ip,
      ...client.fields,
      status,
      ...(method === "POST" && { characters: Math.round(random.exponential(1_500)) }),
    });
    client.call = client.next(atMs, status);
  }
}

function clientsOf(random: Random): Client[] {
  return KINDS.flatMap(([kind, rhythm, many]) =>
    Array.from({ length: many }, (_, index) => {
      const name = `${kind}-${index + 1}`;
      const next = rhythm(`sk_${name}_${random.digits(8)}`, random);
      const fields = {
        ...(index % 4 === 1 && { tier: "pro" }),
        ...(index % 3 === 2 && { account: `account-${(index % 2) + 1}` }),
      };
      const ip = `203.0.113.${random.between(1, 254)}`;
      const call = next(STARTS_AT + random.between(0, MINUTE_MS), 200);
      return { ip, favourite: random.weighted(CALLS), fields, next, call };
    }),
  );
}

/** The API that the log tells of: a fixed window for each caller, and now and then a failure. */
class Origin {
  readonly #counts = new Map<string, { minute: number; used: number }>();

  answer(caller: string, atMs: number, random: Random): number {
    const minute = Math.floor(atMs / MINUTE_MS);
    const count = this.#counts.get(caller);
    const used = count?.minute === minute ? count.used + 1 : 1;
    this.#counts.set(caller, { minute, used });
    if (used > ORIGIN_LIMIT) return 429;
    return random.weighted(STATUSES)[0];
  }
}
