// How a request gets to the server and its answer back: plain `fetch`, nothing else.

import type { TypedDocumentString } from "./generated/graphql.js";

/** One entry of an answer's `errors`. `code` never changes its meaning; go by it. */
export interface GraphQLError {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; field?: string; suggestions?: string[]; requestId?: string };
}

/** The server answered, and at least one part of what was asked for could not be had. */
export class QueryFailed extends Error {
  override readonly name = "QueryFailed";

  constructor(readonly errors: GraphQLError[]) {
    super(errors.map((error) => `${error.extensions.code}: ${error.message}`).join("; "));
  }

  get code(): string | undefined {
    return this.errors[0]?.extensions.code;
  }
}

/** There is no usable answer; what was asked for may have been done or not. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

export interface ClinicOptions {
  /** Such as `http://127.0.0.1:8080`. */
  url: string;
  /** The server's `API_TOKEN`, if it has one. */
  token?: string | undefined;
  /** How long to wait for an answer, in milliseconds. */
  timeout?: number;
}

/** Runs one operation and answers its data, typed. */
export type Run = <Data, Variables>(
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
) => Promise<Data>;

/** A connection to a server. It throws `QueryFailed` or `NoAnswer`. */
export function connect({ url, token, timeout = 10_000 }: ClinicOptions): Run {
  return async (document, variables) => {
    let response: Response;
    let body: string;
    try {
      response = await fetch(new URL("/graphql", url), {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/graphql-response+json",
          ...(token ? { Authorization: `Bearer ${token}` } : {}),
        },
        body: JSON.stringify({ query: document.toString(), variables }),
        signal: AbortSignal.timeout(timeout),
      });
      body = await response.text();
    } catch (cause) {
      throw new NoAnswer("The server can't be reached, or took too long", { cause });
    }

    // Anything else comes from before GraphQL: a wrong token, a proxy, a server that is down.
    const type = response.headers.get("Content-Type") ?? "";
    if (!type.startsWith("application/graphql-response+json")) {
      const message = `HTTP ${response.status}: ${body}`;
      if (response.status >= 500) throw new NoAnswer(message);
      throw new Error(message);
    }
    const answer = JSON.parse(body);
    if (answer.errors) throw new QueryFailed(answer.errors);
    return answer.data;
  };
}
