// Documents and variables over the schema: valid ones, and such as are nearly valid.
//
// A valid document is full of what executors get wrong: the same field again and again, in named
// and inline fragments, under conditions with literals, variables and their defaults, with variables
// that are left out. A document is broken by exchanging one token or two of a valid one.

import {
  GraphQLList,
  GraphQLNonNull,
  Lexer,
  Source,
  TokenKind,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
} from "graphql";

const DAYS = ["2027-01-11T00:00:00Z", "2027-01-12T00:00:00-05:00", "2027-01-13T12:30:00.5Z"];

/** One document, its variables and the operation to run. */
export class Document {
  constructor(schema, random, known) {
    Object.assign(this, { schema, random, known });
    this.variables = new Map();
    this.fragments = [];
    this.aliases = 0;
    this.budget = 40;
  }

  static generate(schema, random, known) {
    const document = new Document(schema, random, known);
    const kind = random.pick(["query", "query", "query", "query", "mutation", "subscription"]);
    const root = {
      query: schema.getQueryType(),
      mutation: schema.getMutationType(),
      subscription: schema.getSubscriptionType(),
    }[kind];
    document.kind = kind;
    document.root = kind === "subscription" ? 1 : 0;
    const selection = document.selection(root, 0);
    let query = document.write(kind, selection);
    const variables = document.values();
    const broken = random.chance(0.4);
    if (broken) query = breakText(query, random, schema, 1 + random.below(2));
    const request = { query, variables };
    if (broken && random.chance(0.1)) request.operationName = random.pick(["Q", "Other", ""]);
    return request;
  }

  write(kind, selection) {
    const definitions = [...this.variables.values()].map(({ name, type, value }) => {
      return `$${name}: ${type}${value === undefined ? "" : ` = ${value}`}`;
    });
    const list = definitions.length > 0 ? `(${definitions.join(", ")})` : "";
    const name = this.random.chance(0.5) ? " Q" : "";
    const head = kind === "query" && !name && !list && this.random.chance(0.5) ? "" : `${kind}${name}${list} `;
    return [`${head}${selection}`, ...this.fragments].join("\n");
  }

  /** What is selected of a type, as text. */
  selection(type, depth) {
    const { random } = this;
    // A subscription has one root field, however often.
    const once = depth === 0 && this.root === 1;
    const parts = [];
    const count = once ? 1 : 1 + random.below(4);
    for (let n = 0; n < count; n += 1) parts.push(this.part(type, depth, once));
    if (!once && parts.length > 0 && random.chance(0.35)) parts.push(random.pick(parts));
    return `{ ${parts.join(" ")} }`;
  }

  part(type, depth, plain) {
    const { random } = this;
    if (!plain && depth < 5 && random.chance(0.22)) return this.fragment(type, depth);
    if (!plain && isCompositeType(type) && random.chance(0.12)) {
      return `${random.chance(0.3) ? `${this.alias()}: ` : ""}__typename${this.conditions()}`;
    }
    if (isAbstractType(type) && Object.keys(type.getFields?.() ?? {}).length === 0) return "__typename";
    const fields = Object.values(type.getFields()).filter((field) => {
      return isLeafType(getNamedType(field.type)) || (depth < 4 && this.budget > 0);
    });
    if (fields.length === 0) return "__typename";
    return this.field(random.pick(fields), depth, plain);
  }

  field(field, depth, plain) {
    this.budget -= 1;
    const { random } = this;
    // Fields with arguments have a name of their own, or two of them would seldom agree.
    const named = field.args.length > 0 ? random.chance(0.7) : random.chance(0.1);
    const alias = named ? `${this.alias()}: ` : "";
    const inner = getNamedType(field.type);
    const selection = isCompositeType(inner) ? ` ${this.selection(inner, depth + 1)}` : "";
    const text = `${alias}${field.name}${this.arguments(field)}`;
    const once = `${text}${plain ? "" : this.conditions()}${selection}`;
    if (plain || !selection || !random.chance(0.3)) return once;
    // The very same field again, with another selection: it is one field.
    const other = `${text}${this.conditions()} ${this.selection(inner, depth + 1)}`;
    return random.chance(0.5) ? `${once} ${other}` : `${once} ... { ${other} }`;
  }

  alias() {
    this.aliases += 1;
    return `a${this.aliases}`;
  }

  fragment(type, depth) {
    const { random, schema } = this;
    const conditions = isAbstractType(type) ? [type, ...schema.getPossibleTypes(type)] : [type, ...type.getInterfaces()];
    const on = random.pick(conditions);
    const inside = this.selection(on, depth + 1);
    if (random.chance(0.5)) {
      const condition = on === type && random.chance(0.4) ? "" : ` on ${on.name}`;
      return `...${condition}${this.conditions()} ${inside}`;
    }
    const name = `F${this.fragments.length}`;
    this.fragments.push(`fragment ${name} on ${on.name} ${inside}`);
    const spread = `...${name}${this.conditions()}`;
    return random.chance(0.3) ? `${spread} ...${name}` : spread;
  }

  /** No directive, mostly; else `@skip` or `@include`, by a literal or a variable. */
  conditions() {
    const { random } = this;
    if (!random.chance(0.2)) return "";
    const name = random.pick(["skip", "include"]);
    const condition = random.chance(0.5) ? random.pick(["true", "false"]) : this.variable("Boolean!", () => random.pick(["true", "false"]));
    return ` @${name}(if: ${condition})`;
  }

  arguments(field) {
    const { random } = this;
    const given = field.args.flatMap((argument) => {
      const required = isNonNullType(argument.type) && argument.defaultValue === undefined;
      if (!required && !random.chance(0.35)) return [];
      return [`${argument.name}: ${this.value(argument.type, argument.name, 0)}`];
    });
    return given.length > 0 ? `(${given.join(", ")})` : "";
  }

  /** A value as it is written in a document; variables in it, perhaps. */
  value(type, name, depth) {
    const { random } = this;
    if (random.chance(depth === 0 ? 0.35 : 0.2)) {
      return this.variable(String(type), () => this.literal(getNullableType(type), name, 9));
    }
    if (!isNonNullType(type) && random.chance(0.05)) return "null";
    return this.literal(getNullableType(type), name, depth);
  }

  literal(type, name, depth) {
    const { random } = this;
    const inner = (of, called) => (depth >= 9 ? this.constant(of, called) : this.value(of, called, depth + 1));
    if (isNonNullType(type)) return this.literal(getNullableType(type), name, depth);
    if (isListType(type)) {
      if (random.chance(0.3)) return this.literal(type.ofType, name, depth);
      return `[${Array.from({ length: random.below(3) }, () => inner(type.ofType, name)).join(", ")}]`;
    }
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter((field) => isNonNullType(field.type) || random.chance(0.4));
      return `{ ${fields.map((field) => `${field.name}: ${inner(field.type, field.name)}`).join(", ")} }`;
    }
    return this.leaf(type, name);
  }

  constant(type, name) {
    if (!isNonNullType(type) && this.random.chance(0.1)) return "null";
    return this.literal(getNullableType(type), name, 9);
  }

  leaf(type, name) {
    const { random, known } = this;
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    switch (type.name) {
      case "Int":
        return String(name === "durationMinutes" ? random.pick([30, 45, 60]) : random.pick([1, 2, 3]));
      case "Boolean":
        return random.pick(["true", "false"]);
      case "ID":
        // What is there must stay as it is: the document and its plain query are both run.
        if (this.kind === "mutation") return '"apt_00000000000000000000000000"';
        return random.pick([...known.ids, known.ids[0], known.ids[0]].map((id) => JSON.stringify(id)).concat("7"));
      case "Date":
        return random.pick(['"1980-05-17"', '"2001-12-31"']);
      case "DateTime":
        if (name === "to") return '"2027-01-14T00:00:00Z"';
        return JSON.stringify(random.pick(DAYS));
      default:
        if (name === "state") return random.pick(['"CT"', '"New York"', '"Atlantis"']);
        if (name === "insurance") return random.pick(['"Aetna"', '"aetna"', '"Nobody"']);
        return random.pick(['"x"', '"é"', '"""\n  x\n"""', '""']);
    }
  }

  /** A variable of a type: one that is there already, or a new one with or without a default. */
  variable(type, literal) {
    const { random } = this;
    for (const known of this.variables.values()) {
      if (known.place === type && random.chance(0.5)) return `$${known.name}`;
    }
    const name = `v${this.variables.size}`;
    const nullable = type.replace(/!$/, "");
    const value = random.chance(0.4) ? literal() : undefined;
    // With a default it may be null itself, and still stand where null must not be.
    const own = value === undefined ? random.pick([type, `${nullable}!`]) : random.pick([type, nullable]);
    this.variables.set(name, { name, place: type, type: own, value });
    return `$${name}`;
  }

  /** Values for the variables: some left out, some null, few of them wrong. */
  values() {
    const { random } = this;
    const values = {};
    for (const { name, type, value } of this.variables.values()) {
      const required = type.endsWith("!") && value === undefined;
      if (!required && random.chance(0.4)) continue;
      if (random.chance(0.03)) continue;
      values[name] = random.chance(0.06) ? this.wrong() : this.json(parseType(this.schema, type), "");
    }
    return values;
  }

  json(type, name) {
    const { random } = this;
    if (!isNonNullType(type) && random.chance(0.08)) return null;
    const of = getNullableType(type);
    if (isListType(of)) {
      if (random.chance(0.2)) return this.json(of.ofType, name);
      return Array.from({ length: random.below(3) }, () => this.json(of.ofType, name));
    }
    if (isInputObjectType(of)) {
      const entries = Object.values(of.getFields()).flatMap((field) => {
        const wanted = isNonNullType(field.type) ? !random.chance(0.03) : random.chance(0.4);
        if (!wanted) return [];
        return [[field.name, random.chance(0.04) ? this.wrong() : this.json(field.type, field.name)]];
      });
      if (random.chance(0.04)) entries.push(["unknown", 1]);
      return Object.fromEntries(entries);
    }
    if (isEnumType(of)) return random.pick(of.getValues()).name;
    const text = this.leaf(of, name);
    return text.startsWith('"""') ? "x" : JSON.parse(text);
  }

  wrong() {
    return this.random.pick([null, 1, -1, 1.5, 2147483648, "", "x", "tomorrow", true, [], [1], {}, { id: 1 }, [[null]], "BOOKED"]);
  }
}

function parseType(schema, text) {
  if (text.endsWith("!")) return new GraphQLNonNull(parseType(schema, text.slice(0, -1)));
  if (text.startsWith("[")) return new GraphQLList(parseType(schema, text.slice(1, -1)));
  return schema.getType(text);
}

/** Exchanges some tokens of a document, so that it is nearly valid. */
export function breakText(text, random, schema, times) {
  let tokens = tokenize(text);
  const names = namesOf(schema);
  for (let n = 0; n < times; n += 1) {
    const at = random.below(tokens.length);
    const token = tokens[at];
    switch (random.below(8)) {
      case 0:
        tokens.splice(at, 1);
        break;
      case 1:
        tokens.splice(at, 0, token);
        break;
      case 2:
        if (at + 1 < tokens.length) [tokens[at], tokens[at + 1]] = [tokens[at + 1], tokens[at]];
        break;
      case 3:
        tokens.splice(at, 0, random.pick(["!", "$", "(", ")", "[", "]", "{", "}", ":", "=", "@", "...", "|"]));
        break;
      case 4: {
        // A name, exchanged for another of the schema.
        const places = tokens.flatMap((one, index) => (/^[_A-Za-z]/.test(one) ? [index] : []));
        if (places.length > 0) tokens[random.pick(places)] = random.pick(names);
        break;
      }
      case 5: {
        const places = tokens.flatMap((one, index) => (/^["0-9-]|^(true|false|null)$/.test(one) ? [index] : []));
        const values = ["1", "-5", "2147483648", "1.5", '"x"', "true", "null", "BOOKED", "[]", "{}", "[[1]]", "$v0", '"tomorrow"', "{ id: 1, id: 2 }"];
        if (places.length > 0) tokens[random.pick(places)] = random.pick(values);
        break;
      }
      case 6: {
        const places = tokens.flatMap((one, index) => (one === "!" ? [index] : []));
        if (places.length > 0) tokens.splice(random.pick(places), 1);
        break;
      }
      default:
        tokens = tokens.concat(tokenize(random.pick(["fragment Unused on Query { __typename }", "query Q { __typename }", "{ __typename }"])));
    }
    if (tokens.length === 0) tokens = ["{", "}"];
  }
  return tokens.join(" ");
}

function tokenize(text) {
  const lexer = new Lexer(new Source(text));
  const tokens = [];
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    tokens.push(text.slice(token.start, token.end));
  }
  return tokens;
}

const namesBySchema = new WeakMap();
function namesOf(schema) {
  let names = namesBySchema.get(schema);
  if (!names) {
    const all = new Set(["__typename", "__schema", "skip", "include", "if", "on", "query", "mutation", "fragment"]);
    for (const [name, type] of Object.entries(schema.getTypeMap())) {
      if (name.startsWith("__")) continue;
      all.add(name);
      for (const field of Object.values(type.getFields?.() ?? {})) {
        all.add(field.name);
        for (const argument of field.args ?? []) all.add(argument.name);
      }
      for (const value of type.getValues?.() ?? []) all.add(value.name);
    }
    names = [...all];
    namesBySchema.set(schema, names);
  }
  return names;
}
