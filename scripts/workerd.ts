// workerd as a process of its own, its objects on disk: for what must outlive a kill, or be measured without a tester
// inside. Builds as a deploy would; knows nothing of policies.

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const wrangler = fileURLToPath(new URL("../node_modules/wrangler/bin/wrangler.js", import.meta.url));
// The program itself: a signal to a launcher would leave it running.
const { default: program } = createRequire(import.meta.url)("workerd") as { default: string };

const COMPATIBILITY_DATE = "2026-10-01";

/** A Worker to serve. */
export interface Service {
  readonly name: string;
  /** One ES module, as `bundle` makes it. */
  readonly code: string;
  /** Other ES modules that it imports, by their file's name. */
  readonly modules?: Readonly<Record<string, string>>;
  /** Variables and secrets: text stays text, anything else arrives as JSON, as it does in a deploy. */
  readonly vars?: Readonly<Record<string, unknown>>;
  /** Names of the service's own object classes, by the binding. Their storage is kept by the service's and class's name. */
  readonly objects?: Readonly<Record<string, string>>;
  /** Names of other services, by the binding. */
  readonly services?: Readonly<Record<string, string>>;
  /** Default: those of weir's own configuration. */
  readonly compatibilityFlags?: readonly string[];
}

/** What runs, and where its storage is. */
export interface WorkerdOptions {
  /** Holds the configuration and everything that objects store; a later run on the same directory finds it again. */
  readonly directory: string;
  readonly services: readonly Service[];
  /** Is given all that workerd prints, what its Workers log included. */
  readonly onPrinted?: (text: string) => void;
}

/** A workerd that answers. */
export interface Workerd {
  /** Base URL of a service, without a trailing slash. Each run has ports of its own. */
  urlOf(name: string): string;
  /** Ends the process, resolving once it is gone. Default: SIGTERM. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  readonly pid: number;
}

/**
 * Builds a Worker as `wrangler deploy` would; nothing is uploaded.
 *
 * @param wranglerConfigPath relative to the project's root.
 * @returns its one module.
 * @throws where the build fails, or makes more than one module.
 */
export async function bundle(wranglerConfigPath: string): Promise<string> {
  const outdir = await mkdtemp(join(tmpdir(), "weir-bundle-"));
  try {
    const args = [wrangler, "deploy", "--config", wranglerConfigPath, "--dry-run", "--outdir", outdir];
    await promisify(execFile)(process.execPath, args, {
      cwd: root,
      env: { ...process.env, WRANGLER_SEND_METRICS: "false", WRANGLER_HIDE_BANNER: "true" },
    });
    const modules = (await readdir(outdir)).filter((file) => !/\.map$|^README\.md$/.test(file));
    const [entry] = modules;
    if (entry === undefined || modules.length > 1)
      throw new Error(`${wranglerConfigPath}: expected one module, got ${modules.join(", ") || "none"}`);
    return await readFile(join(outdir, entry), "utf8");
  } finally {
    await rm(outdir, { recursive: true });
  }
}

/**
 * Serves each service on a free port of 127.0.0.1.
 *
 * @throws with what workerd printed, where it ends before it answers.
 */
export async function startWorkerd({ directory, services, onPrinted }: WorkerdOptions): Promise<Workerd> {
  await mkdir(join(directory, "storage"), { recursive: true });
  for (const { name, code, modules = {} } of services) {
    await writeFile(join(directory, `${name}.js`), code);
    for (const [file, text] of Object.entries(modules))
      await writeFile(join(directory, `${name}-${file}`), text);
  }
  const config = join(directory, "config.capnp");
  await writeFile(config, configOf(services));
  // On the fourth descriptor it tells the port of each socket that it listens on.
  const child = spawn(program, ["serve", config, "--control-fd=3"], {
    cwd: directory,
    stdio: ["ignore", onPrinted === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (onPrinted !== undefined) stream?.setEncoding("utf8").on("data", onPrinted);
  }
  const killWithThis = () => child.kill("SIGKILL");
  process.once("exit", killWithThis);
  child.once("exit", () => process.off("exit", killWithThis));
  const ports = await listening(child, services.length);
  return {
    urlOf(name) {
      const port = ports.get(name);
      if (port === undefined) throw new Error(`expected one of ${[...ports.keys()].join(", ")}, got ${name}`);
      return `http://127.0.0.1:${port}`;
    },
    async kill(signal = "SIGTERM") {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill(signal);
      await exited;
    },
    pid: child.pid as number,
  };
}

/** Ports by service, once there is one for each. */
async function listening(child: ChildProcess, count: number): Promise<ReadonlyMap<string, number>> {
  let printed = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    printed = (printed + text).slice(-10_000);
  });
  const ports = new Map<string, number>();
  for await (const line of createInterface({ input: child.stdio[3] as Readable })) {
    const { event, socket, port } = JSON.parse(line);
    if (event === "listen") ports.set(socket, port);
    if (ports.size === count) return ports;
  }
  if (child.exitCode === null) await once(child, "exit");
  throw new Error(`workerd ended with ${child.exitCode ?? child.signalCode}:\n${printed}`);
}

function configOf(services: readonly Service[]): string {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "internet", network = (allow = ["public", "private"])),
    (name = "storage", disk = (path = "storage", writable = true)),
${services.map(({ name }) => `    (name = ${literal(name)}, worker = .${identifier(name)}),`).join("\n")}
  ],
  sockets = [
${services.map(({ name }) => `    (name = ${literal(name)}, address = "127.0.0.1:0", http = (), service = ${literal(name)}),`).join("\n")}
  ],
);
${services.map(workerOf).join("")}`;
}

function workerOf(service: Service): string {
  const { name, modules = {}, vars = {}, objects = {}, services = {} } = service;
  const files = [
    ["worker.js", `${name}.js`],
    ...Object.keys(modules).map((file) => [file, `${name}-${file}`]),
  ];
  const bindings = [
    ...Object.entries(vars).map(([binding, value]) => [
      binding,
      typeof value === "string" ? `text = ${literal(value)}` : `json = ${literal(JSON.stringify(value))}`,
    ]),
    ...Object.entries(objects).map(([binding, of]) => [binding, `durableObjectNamespace = ${literal(of)}`]),
    ...Object.entries(services).map(([binding, to]) => [binding, `service = ${literal(to)}`]),
  ];
  const namespaces = [...new Set(Object.values(objects))].map(
    (of) => `    (className = ${literal(of)}, uniqueKey = ${literal(`${name}-${of}`)}, enableSql = true),\n`,
  );
  return `
const ${identifier(name)} :Workerd.Worker = (
  modules = [
${files.map(([module = "", file = ""]) => `    (name = ${literal(module)}, esModule = embed ${literal(file)}),\n`).join("")}  ],
  compatibilityDate = ${literal(COMPATIBILITY_DATE)},
  compatibilityFlags = [${(service.compatibilityFlags ?? ["enable_request_signal", "no_nodejs_global_timers"]).map(literal).join(", ")}],
  bindings = [
${bindings.map(([binding = "", value]) => `    (name = ${literal(binding)}, ${value}),\n`).join("")}  ],
  durableObjectNamespaces = [
${namespaces.join("")}  ],
  durableObjectStorage = (localDisk = "storage"),
);
`;
}

/** A Cap'n Proto text literal. It knows no \u escape; UTF-8 stands in it as it is. */
function literal(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/** A constant's name: lower camel case, nothing but letters and digits. */
function identifier(name: string): string {
  return `worker${name.replace(/(?:^|[^a-z0-9]+)([a-z0-9])/gi, (_, first: string) => first.toUpperCase())}`;
}
