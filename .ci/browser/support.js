// A server of its own with demo data, pages of two other origins, and Chromium to open them in.

import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

export const BINARY =
  process.env.CLINIC_BINARY ?? fileURLToPath(new URL("../../target/debug/clinic", import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** On which engine: PostgreSQL where CLINIC_ENGINE=postgres says so, which TEST_POSTGRES_URL names. */
export const ON_POSTGRES = process.env.CLINIC_ENGINE === "postgres";
const POSTGRES = process.env.TEST_POSTGRES_URL ?? "postgres://postgres@127.0.0.1:5432/postgres";

const sql = (...statements) =>
  execFileSync("psql", [
    ...["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", POSTGRES],
    ...statements.flatMap((statement) => ["--command", statement]),
  ]);

/** What commands need beside the database: on PostgreSQL the server's key. */
const KEY = ON_POSTGRES ? { AUDIT_KEY: "0123456789abcdef".repeat(2) } : {};

/** A database of its own on PostgreSQL: how to reach it, cut everybody off from it, and drop it. */
function createDatabase() {
  const name = `clinic_browser_${randomBytes(6).toString("hex")}`;
  sql(`CREATE DATABASE ${name}`);
  const url = new URL(POSTGRES);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    /** As when PostgreSQL is restarted: connections are cut, and no new ones taken until it is back. */
    away: () =>
      sql(
        `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
      ),
    back: () => sql(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`),
    drop: () => sql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

/** Starts clinic on a free port, with an empty book. Answers its URL, its database and how to end it. */
export async function startClinic(settings = {}) {
  const folder = await mkdtemp(join(tmpdir(), "clinic-browser-"));
  const postgres = ON_POSTGRES && !settings.DATABASE_URL ? createDatabase() : null;
  const database = postgres?.url ?? `sqlite://${folder}/clinic.db?mode=rwc`;
  const server = spawn(BINARY, {
    // Elsewhere, and with nobody's settings.
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: database,
      PORT: "0",
      SEED_DEMO: "true",
      // What PostgreSQL has no default for: one key for its replicas, and a real scheduling service.
      ...(ON_POSTGRES && { ...KEY, SCHEDULER_URL: "mock" }),
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = new Promise((resolve) => server.once("exit", resolve));
  const said = [];
  const url = await new Promise((resolve, reject) => {
    const hear = (line) => {
      said.push(line);
      const [, found] = line.match(/^ {2}Health +(http:\S+)\/readyz$/) ?? [];
      if (found) resolve(found);
    };
    createInterface(server.stdout).on("line", hear);
    createInterface(server.stderr).on("line", hear);
    server.once("error", reject);
    gone.then(() => reject(new Error(`The server stopped:\n${said.join("\n")}`)));
  }).catch((error) => {
    postgres?.drop();
    throw error;
  });
  const stop = async () => {
    server.kill();
    await gone;
    postgres?.drop();
    await rm(folder, { recursive: true });
  };
  /** Ends it as a crash would; `startClinic` with its port and its database brings it back. */
  const kill = async () => {
    server.kill("SIGKILL");
    await gone;
  };
  return { url, database, environment: { DATABASE_URL: database, ...KEY }, postgres, stop, kill };
}

/** Serves an empty page on an origin of its own, on another site than clinic's 127.0.0.1. */
export async function servePage() {
  const server = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end("<!doctype html><title>A page of another origin</title><link rel=icon href=data:,>");
  });
  await new Promise((resolve) => server.listen(0, "localhost", resolve));
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { origin: `http://localhost:${server.address().port}`, stop };
}

/** How many times slower than this machine pages run: tests that only pass on a quick one show themselves. */
const SLOWNESS = Number(process.env.SLOWNESS ?? 1);

/** A browser that finds this machine and no other. */
export async function startChromium() {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"],
  });
  if (SLOWNESS === 1) return browser;
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await newContext(options);
    const newPage = context.newPage.bind(context);
    context.newPage = async () => {
      const page = await newPage();
      const session = await context.newCDPSession(page);
      await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWNESS });
      return page;
    };
    return context;
  };
  return browser;
}

/** What a page does that somebody should hear of: errors, and requests, WebSockets included. */
export function observe(page) {
  const seen = { errors: [], requests: [], responses: [] };
  page.on("console", (message) => {
    if (message.type() === "error") seen.errors.push(message.text());
  });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("websocket", (socket) => seen.requests.push(socket.url()));
  page.on("response", (response) => {
    seen.responses.push(`${response.request().method()} ${response.status()} ${response.url()}`);
  });
  return seen;
}

/** Asks the server, as no browser would. */
export async function ask(url, query, variables = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** A booking for somebody new; it can't fail while anybody is free. */
export const bookingOf = (name) =>
  `mutation { bookAppointment(input: { patient: {
     name: "${name}", email: "${name.toLowerCase().replaceAll(" ", ".")}@example.com",
     state: "CT", insurance: "Aetna" } }) { appointment { id } error { code } } }`;
