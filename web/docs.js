// The REST documentation: Swagger UI, whose Execute works as it stands. Ids in the examples are
// nobody's, so they are replaced by those of the example patient's visit when a route is run.
import { knowledge } from "./known.js";
import { askAgain, fetchWithToken, keepToken, knownToken } from "./token.js";

/** Ids of examples: the beginning says of what, the rest is the same in all. */
const EXAMPLE_ID = /\b([a-z]{3})_01h455vb4pex5vsknk084sn02q\b/g;

const known = knowledge(async (query, variables) => {
  try {
    const response = await fetchWithToken("graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()).data ?? null;
  } catch {
    return null;
  }
});

const note = document.getElementById("note");
const say = (words) => {
  note.hidden = !words;
  note.value = words ?? "";
};

/** What Swagger UI sends: with the token of this tab, or with one that was given under Authorize. */
const send = async (url, request) => {
  const { Authorization: authorization, ...headers } = request.headers;
  if (authorization) keepToken(authorization.replace(/^Bearer +/i, ""));
  const response = await fetchWithToken(url, { ...request, headers });
  showToken();
  // What was booked on this page may be moved and cancelled on it.
  if (response.status === 201) response.clone().json().then(known.learn, () => {});
  return response;
};

/** Replaces the ids and the time of an example that nobody changed, in the fields on the page. */
const fillIn = async ({ specSelectors, specActions, oas3Selectors, oas3Actions }, path, method) => {
  const place = [path, method];
  const operation = specSelectors.specJson().getIn(["paths", path, method]);
  const values = specSelectors.parameterValues(place);
  const isUntouched = (parameter) => {
    const [where, name, example] = ["in", "name", "example"].map((key) => parameter.get(key));
    return String(example).match(EXAMPLE_ID) && values.get(`${where}.${name}`) === example;
  };
  const untouched = (operation.get("parameters")?.toArray() ?? []).filter(isUntouched);
  const body = oas3Selectors.requestBodyValue(path, method);
  const text = typeof body === "string" ? body : "";
  const wanted = [...untouched.map((parameter) => parameter.get("example")), text].join(" ");
  const prefixes = [...wanted.matchAll(EXAMPLE_ID)].map(([, prefix]) => prefix);
  if (prefixes.length === 0) return undefined;

  const { ids, laterTime, note } = await known.ids(prefixes);
  const live = (from) => from.replace(EXAMPLE_ID, (example, prefix) => ids[prefix] ?? example);
  for (const parameter of untouched) {
    specActions.changeParamByIdentity(place, parameter, live(parameter.get("example")), false);
  }
  const time = operation.getIn(["requestBody", "content", "application/json", "example", "time"]);
  const later = time && text.includes(time) && untouched.length > 0 ? await laterTime() : undefined;
  const filled = later ? live(text).replace(time, later) : live(text);
  if (filled !== text) oas3Actions.setRequestBodyValue({ value: filled, pathMethod: place });
  return note;
};

const ExamplesThatRun = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        execute: (execute, system) => async (request) => {
          askAgain();
          say(await fillIn(system, request.path, request.method));
          return execute(request);
        },
      },
    },
    auth: {
      wrapActions: {
        logout: (logout) => (names) => {
          keepToken(null);
          return logout(names);
        },
      },
    },
  },
});

const ui = window.SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#routes",
  plugins: [ExamplesThatRun],
  deepLinking: true,
  tryItOutEnabled: true,
  defaultModelsExpandDepth: 0,
  // Nobody else is asked whether the document is valid: CI asks two linters.
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (!request.loadSpec) request.userFetch = send;
    return request;
  },
  onComplete: () => showToken(),
});

/** Shows under Authorize that a token is known, and in the lines of curl. */
function showToken() {
  if (knownToken() !== null) ui.preauthorizeApiKey("token", knownToken());
}
