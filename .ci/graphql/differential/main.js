// Compares the server with graphql-js: which documents and variables it takes, and what it answers.
//
//   CLINIC_BINARY=target/debug/clinic node differential/main.js [documents] [seed]
//
// It starts a server of its own, with high limits and a scratch database. Documents are made up from
// a seed, so that a failure can be looked at again: each is printed with the seed that makes it alone.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { GraphQLError, buildSchema, getVariableValues, getOperationAST, parse, specifiedRules, validate } from "graphql";

import { DIFFERENCES } from "./differences.js";
import { Document } from "./documents.js";
import { executeOver, plainQuery } from "./mirror.js";
import { Random } from "./random.js";

const [count = "4000", seed = "1"] = process.argv.slice(2);
const binary = process.env.CLINIC_BINARY && resolve(process.env.CLINIC_BINARY);
if (!binary) {
  console.error("usage: CLINIC_BINARY=target/debug/clinic node differential/main.js [documents] [seed]");
  process.exit(2);
}

const schema = buildSchema(readFileSync(new URL("../../../schema.graphql", import.meta.url), "utf8"));
read(schema.getType("DateTime"), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i);
read(schema.getType("Date"), /^\d{4}-\d\d-\d\d$/);

/** Makes a scalar of times as strict as the server's. */
function read(scalar, pattern) {
  const parse = (value) => {
    if (typeof value !== "string" || !pattern.test(value) || Number.isNaN(Date.parse(value))) {
      throw new GraphQLError(`not a ${scalar.name}`);
    }
    return value;
  };
  scalar.parseValue = parse;
  scalar.parseLiteral = (node) => parse(node.value);
}

/** Starts a server that answers large documents; answers where it is. */
async function start(folder) {
  const limits = {
    GRAPHQL_MAX_ALIASES: 1000,
    GRAPHQL_MAX_BODY_BYTES: 1048576,
    GRAPHQL_MAX_COST: 1000000,
    GRAPHQL_MAX_DEPTH: 64,
    GRAPHQL_MAX_DIRECTIVES: 1000,
    GRAPHQL_MAX_FIELDS: 20000,
    GRAPHQL_MAX_ROOT_FIELDS: 1000,
    GRAPHQL_MAX_TOKENS: 20000,
  };
  const env = { DATABASE_URL: `sqlite://${folder}/clinic.db?mode=rwc`, PORT: 0, SEED_DEMO: true, ...limits };
  const server = spawn(binary, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  const url = await new Promise((found, failed) => {
    const read = (chunk) => {
      log += chunk;
      const health = /^ {2}Health *(http:\/\/.*)\/readyz$/m.exec(log);
      if (health) found(`${health[1]}/graphql`);
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.on("exit", () => failed(new Error(`the server did not start:\n${log}`)));
    setTimeout(() => failed(new Error(`the server did not start in time:\n${log}`)), 60_000).unref();
  });
  return { server, url };
}

async function ask(url, request) {
  // The first of the two is for subscriptions, whose answers need not be waited for.
  const accept = "text/event-stream, application/graphql-response+json";
  const headers = { "content-type": "application/json", accept };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(request), signal: AbortSignal.timeout(30_000) });
  if (answer.headers.get("content-type") === "text/event-stream") {
    await answer.body.cancel();
    return { subscribed: true };
  }
  return JSON.parse(await answer.text());
}

/** What a request comes to for the server: refused, or run and answered. */
function verdictOf(answer) {
  if (answer.subscribed || Object.hasOwn(answer, "data")) return { verdict: "runs", message: "" };
  const { code } = answer.errors[0].extensions;
  const message = answer.errors.map((error) => error.message).join(" | ");
  if (code === "QUERY_TOO_COMPLEX") return { verdict: "too complex", message };
  if (!["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"].includes(code)) throw new Error(JSON.stringify(answer));
  return { verdict: "refused", message };
}

/** The same for graphql-js, and what it read. */
function judge({ query, variables, operationName }) {
  let document;
  try {
    document = parse(query);
  } catch (error) {
    return { verdict: "refused", why: error.message };
  }
  const [fault] = validate(schema, document, specifiedRules);
  if (fault) return { verdict: "refused", why: fault.message };
  const operation = getOperationAST(document, operationName);
  if (!operation) return { verdict: "refused", why: "no such operation" };
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (errors) return { verdict: "refused", why: errors[0].message };
  return { verdict: "runs", document, operation, coerced };
}

const errorsOf = (answer) =>
  (answer.errors ?? []).map((error) => `${JSON.stringify(error.path ?? null)} ${error.extensions?.code ?? error.message}`).sort();

/** What an answer shows; who and what is made anew at each try has another id and another secret. */
const shownBy = ({ data }) => JSON.stringify(data)?.replace(/"(per|tok|cli|clt|ins|vtp|prv|lic|off)_\w+"/g, '"$1"');

/** Compares one request; answers what differs, if anything does. */
async function compare(url, request, tally) {
  const theirs = judge(request);
  let answer = await ask(url, request);
  const ours = verdictOf(answer);
  if (ours.verdict !== theirs.verdict) {
    const { coerced = {}, why } = theirs;
    const difference = { ...request, ours: ours.verdict, theirs: theirs.verdict, message: ours.message, why, coerced };
    const known = DIFFERENCES.find((one) => one.covers(difference));
    return known ? note(tally, known.reason) : difference;
  }
  tally[ours.verdict] = (tally[ours.verdict] ?? 0) + 1;
  // Each look at the audit trail, and each mutation, makes it longer.
  const changes = /\b(__schema|__type|auditEvents)\b/.test(request.query);
  if (ours.verdict !== "runs" || answer.subscribed || changes) return undefined;
  // Once more if they differ: the first free time is another one when its minute has come.
  for (let tries = 0; tries < 2; tries += 1) {
    const over = await mirrored(url, request, theirs);
    const same = shownBy(answer) === shownBy(over);
    if (same && errorsOf(answer).join() === errorsOf(over).join()) {
      tally.executed = (tally.executed ?? 0) + 1;
      return undefined;
    }
    if (tries === 1) return { ...request, ours: JSON.stringify(answer), theirs: JSON.stringify(over) };
    answer = await ask(url, request);
  }
}

async function mirrored(url, request, { document, operation, coerced }) {
  const plain = plainQuery(schema, document, operation, coerced);
  const answer = await ask(url, { query: plain });
  if (!answer.data) throw new Error(`the plain query was refused: ${JSON.stringify(answer)}\n${plain}`);
  return executeOver(schema, document, request.operationName, request.variables, answer);
}

function note(tally, reason) {
  tally.known ??= {};
  tally.known[reason] = (tally.known[reason] ?? 0) + 1;
}

/** Some visits, and the ids that documents ask for. */
async function prepare(url) {
  const data = async (query, variables) => {
    const answer = await ask(url, { query, variables });
    if (!answer.data || answer.errors) throw new Error(JSON.stringify(answer));
    return answer.data;
  };
  const ids = [];
  for (let n = 0; n < 4; n += 1) {
    const patient = { name: `Patient ${n}`, email: `patient${n}@example.com`, state: "CT", insurance: "Aetna" };
    const book = "mutation($i: BookAppointmentInput!) { bookAppointment(input: $i) { appointment { id provider { id } patient { id } } } }";
    const { appointment } = (await data(book, { i: { patient } })).bookAppointment;
    ids.push(appointment.id, appointment.provider.id, appointment.patient.id);
  }
  return { ids };
}

const folder = mkdtempSync(join(tmpdir(), "clinic-differential-"));
const { server, url } = await start(folder);
const tally = {};
const differences = [];
try {
  const known = await prepare(url);
  const requests = Array.from({ length: Number(count) }, (_, number) => {
    const random = new Random(Number(seed) * 1_000_003 + number);
    return { number, request: Document.generate(schema, random, known) };
  });
  // What changes anything comes first and has nothing beside it: what is asked twice finds the same both times.
  const changes = ({ request }) => /\bmutation\b/.test(request.query);
  const work = async (queue) => {
    while (queue.length > 0 && differences.length < 20) {
      const { number, request } = queue.shift();
      const difference = await compare(url, request, tally);
      if (difference) differences.push({ number, ...difference });
    }
  };
  await work(requests.filter(changes));
  const asked = requests.filter((one) => !changes(one));
  await Promise.all(Array.from({ length: 6 }, () => work(asked)));
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
for (const { number, ...difference } of differences) console.error(`document ${number} of seed ${seed}: ${JSON.stringify(difference, null, 1)}`);
const { known = {}, ...counts } = tally;
console.log(`${count} documents, seed ${seed}: ${JSON.stringify(counts)}, ${differences.length} differences`);
for (const [reason, times] of Object.entries(known)) console.log(`  ${times} known: ${reason}`);
process.exitCode = differences.length === 0 && counts.runs > 0 && counts.refused > 0 && counts.executed > 0 ? 0 : 1;
