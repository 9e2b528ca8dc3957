// The page served when the binary was built without npm: an editor for operations, nothing to install.
import { examples, operationName } from "./examples.js";
import { hasPlaceholder, refilled, remember } from "./fill.js";
import { knowledge } from "./known.js";
import { askAgain, fetchWithToken, isLockedOut, knownToken } from "./token.js";

const element = (id) => document.getElementById(id);
const [query, variables, headers] = ["query", "variables", "headers"].map(element);
const [response, status, run, schema] = ["response", "status", "run", "schema"].map(element);

const OPERATION = /^[ \t]*(query|mutation|subscription)\b[ \t]*(\w*)/gm;

/** The operations of a document: kind, name, position. Comments do not count. */
const operationsIn = (text) => {
  const withoutComments = text.replace(/#.*/g, (comment) => " ".repeat(comment.length));
  return [...withoutComments.matchAll(OPERATION)].map(([, kind, name]) => ({ kind, name }));
};

/** The operation around the cursor, as GraphQL wants its name when there are several. */
const chosenOperation = () => {
  const before = operationsIn(query.value.slice(0, query.selectionStart));
  return before.at(-1) ?? operationsIn(query.value)[0];
};

const parseObject = (pane, what) => {
  if (pane.value.trim() === "") return {};
  try {
    return JSON.parse(pane.value);
  } catch (error) {
    throw new Error(`${what} are not JSON: ${error.message}`);
  }
};

const show = (value) => {
  response.textContent = typeof value === "string" ? value : JSON.stringify(value, null, 2);
};

const post = (body, extraHeaders) =>
  fetchWithToken("graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...extraHeaders },
    body: JSON.stringify(body),
  });

const known = knowledge(async (query, variables) => {
  try {
    const reply = await post({ query, variables }, parseObject(headers, "The headers"));
    return (await reply.json()).data ?? null;
  } catch {
    return null;
  }
});

/** Fills in what only the server knows; answers a note where a visit had to be booked for it. */
const fillIn = async ({ running = false } = {}) => {
  const [text, name] = [query.value, operationName(query.value)];
  const ours = async (options) => {
    const before = variables.value;
    const { variables: fresh, note } = await known.variablesOf(name, options);
    if (!fresh || query.value !== text || variables.value !== before) return undefined;
    variables.value = refilled({ name, query: text, text: before, fresh, running });
    remember(name, text, fresh);
    return note;
  };
  const note = await ours();
  return running && hasPlaceholder(variables.value) ? ours({ book: true }) : note;
};

/** The last filling in that was begun; what is run meanwhile waits for it. */
let freshening = null;

const execute = async (body, extraHeaders, note) => {
  status.value = "Running…";
  const started = performance.now();
  const reply = await post(body, extraHeaders);
  const text = await reply.text();
  status.value = `${reply.status} ${reply.statusText} · ${Math.round(performance.now() - started)} ms`;
  try {
    const answer = JSON.parse(text);
    known.learn(answer.data);
    show(note ? { ...answer, extensions: { ...answer.extensions, note } } : answer);
  } catch {
    show(text);
  }
};

/** Closed by the server for what was said to it (1009, 44xx): saying it again would not help. */
const isRefusal = (code) => code === 1009 || (code >= 4400 && code < 4500 && code !== 4408);

/** Stops the running subscription, if there is one. */
let stop = null;

/** One subscription over graphql-transport-ws, across reconnects; the newest event stands on top. */
const subscribe = (body, extraHeaders) => {
  const own = Object.entries(extraHeaders).find(([name]) => name.toLowerCase() === "authorization");
  const authorization = own?.[1] ?? (knownToken() && `Bearer ${knownToken()}`);
  const events = [];
  let tries = 0;
  let [socket, timer, ended] = [null, null, false];
  const end = (message) => {
    ended = true;
    clearTimeout(timer);
    socket.close(1000);
    stop = null;
    run.textContent = "Run";
    status.value = message;
  };

  const connect = () => {
    const own = new WebSocket(new URL("graphql/ws", location.href.replace(/^http/, "ws")), "graphql-transport-ws");
    const send = (message) => own.send(JSON.stringify(message));
    socket = own;
    own.onopen = () =>
      send({ type: "connection_init", payload: authorization ? { authorization } : {} });
    own.onmessage = ({ data }) => {
      if (ended) return;
      const message = JSON.parse(data);
      if (message.type === "connection_ack") {
        // It begins anew: what happened in between is in the log, which `events` reads.
        status.value = tries ? "Subscribed again; CatchUp has what happened meanwhile" : "Subscribed";
        tries = 0;
        send({ id: "1", type: "subscribe", payload: body });
      } else if (message.type === "ping") {
        send({ type: "pong" });
      } else if (message.type === "next" || message.type === "error") {
        events.unshift(JSON.stringify(message.payload, null, 2));
        events.length = Math.min(events.length, 200);
        show(events.join("\n\n"));
      }
      if (message.type === "complete" || message.type === "error") end("Ended by the server");
    };
    own.onclose = ({ code, reason }) => {
      if (ended) return;
      const closed = `Closed (${code}${reason ? `: ${reason}` : ""})`;
      tries += 1;
      if (isRefusal(code) || tries > 30) {
        end(closed);
      } else {
        status.value = `${closed}; connecting again…`;
        timer = setTimeout(connect, Math.min(8000, 500 * 2 ** tries) * (0.75 + Math.random() / 2));
      }
    };
  };

  stop = () => end("Stopped");
  run.textContent = "Stop";
  status.value = "Connecting…";
  show("Waiting for the first event…");
  connect();
};

const start = async () => {
  if (stop) {
    stop();
    return;
  }
  askAgain();
  try {
    const operation = chosenOperation();
    await freshening;
    const note = await fillIn({ running: true });
    const body = { query: query.value, variables: parseObject(variables, "The variables") };
    if (operation?.name) body.operationName = operation.name;
    const extraHeaders = parseObject(headers, "The headers");
    if (operation?.kind !== "subscription") {
      await execute(body, extraHeaders, note);
      return;
    }
    // Asks for the token where one is needed; a WebSocket is only closed.
    const reply = await post({ query: "{ __typename }" }, extraHeaders);
    if (reply.status === 401) show(await reply.json());
    else subscribe(body, extraHeaders);
  } catch (error) {
    status.value = "Not sent, or no answer";
    show(error.message);
  }
};

const TYPE = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
const INTROSPECTION = `query IntrospectionQuery { __schema {
  queryType { name } mutationType { name } subscriptionType { name }
  types { kind name description
  fields { name description args { name defaultValue type { ${TYPE} } } type { ${TYPE} } }
  inputFields { name description defaultValue type { ${TYPE} } }
  enumValues { name description } possibleTypes { name } } } }`;

const spell = (type) => {
  if (type.kind === "NON_NULL") return `${spell(type.ofType)}!`;
  return type.kind === "LIST" ? `[${spell(type.ofType)}]` : type.name;
};

const member = ({ name, args, type, defaultValue }) => {
  const given = args?.length ? `(${args.map(member).join(", ")})` : "";
  return `${name}${given}${type ? `: ${spell(type)}` : ""}${defaultValue ? ` = ${defaultValue}` : ""}`;
};

const text = (tag, content) => Object.assign(document.createElement(tag), { textContent: content });

const typeEntry = (type) => {
  const entry = document.createElement("details");
  entry.append(text("summary", `${type.kind.toLowerCase().replace("_", " ")} ${type.name}`));
  if (type.description) entry.append(text("p", type.description));
  if (type.possibleTypes) entry.append(text("code", `= ${type.possibleTypes.map(({ name }) => name).join(" | ")}`));
  for (const part of [...(type.fields ?? []), ...(type.inputFields ?? []), ...(type.enumValues ?? [])]) {
    entry.append(text("code", member(part)));
    if (part.description) entry.append(text("p", part.description));
  }
  return entry;
};

const toggleSchema = async ({ currentTarget }) => {
  schema.hidden = !schema.hidden;
  currentTarget.setAttribute("aria-expanded", String(!schema.hidden));
  if (schema.hidden) return;
  try {
    const reply = await post({ query: INTROSPECTION }, parseObject(headers, "The headers"));
    const { data, errors, detail } = await reply.json();
    if (!data) throw new Error(errors?.[0]?.message ?? detail ?? `The server answered ${reply.status}.`);
    const { types, queryType, mutationType, subscriptionType } = data.__schema;
    const roots = [queryType, mutationType, subscriptionType].map((root) => types.find(({ name }) => name === root?.name));
    const others = types.filter((type) => !roots.includes(type) && !type.name.startsWith("__"));
    schema.replaceChildren(...[...roots.filter(Boolean), ...others].map(typeEntry));
    schema.querySelector("details").open = true;
  } catch (error) {
    schema.replaceChildren(text("p", error.message));
  }
};

const offered = examples();
const pick = () => {
  const example = offered[element("example").selectedIndex];
  query.value = example.query;
  query.setSelectionRange(0, 0);
  variables.value = JSON.stringify(example.variables, null, 2);
  remember(operationName(example.query), example.query, example.variables);
  if (!isLockedOut()) freshening = fillIn();
};

for (const example of offered) element("example").append(text("option", operationsIn(example.query)[0].name));
element("example").addEventListener("change", pick);
element("schema-toggle").addEventListener("click", toggleSchema);
run.addEventListener("click", start);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    start();
  }
});
pick();
