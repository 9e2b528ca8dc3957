// Puts fresh values into the variables of an example, and leaves what somebody typed.
//
// A value is ours where it is what was put there last, which is kept beside GraphiQL's own record of
// its tabs; all others are the reader's.

const KEY = "clinic:written";
const DAY = 24 * 3_600_000;

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isPlaceholder = (value) => typeof value === "string" && value.endsWith("_…");
const isPast = (value, now) => typeof value === "string" && /^\d{4}-/.test(value) && Date.parse(value) < now;

/** What was written last: for each example its query and variables. */
const record = () => {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY));
    return isObject(stored) ? stored : {};
  } catch {
    return {};
  }
};

export const lastWritten = (name) => record()[name];

export const remember = (name, query, variables) =>
  localStorage.setItem(KEY, JSON.stringify({ ...record(), [name]: { query, variables } }));

export const forget = () => localStorage.removeItem(KEY);

/** What a page without such a record must have written, as far as it would not work any more. */
const writtenBefore = ({ from, to, after, startsAt }, now) => {
  const length = (Date.parse(to) - Date.parse(from)) / DAY;
  const old = {};
  if (isPast(to, now) && [2, 7].includes(length)) Object.assign(old, { from, to });
  // A moment in the past counts as now.
  if (isPast(after, now)) old.after = after;
  if (isPast(startsAt, now)) old.startsAt = startsAt;
  return old;
};

/**
 * The variables `text` of an example with what is ours in it as in `fresh`. While they are `running`,
 * only what would not work is replaced: the same button twice does the same thing twice.
 */
export const refilled = ({ name, query, text, fresh, running = false, now = Date.now() }) => {
  const needsAny = /\$\w+\s*:[^,)=]*!/.test(query);
  if ((text ?? "").trim() === "") return needsAny ? JSON.stringify(fresh, null, 2) : (text ?? "");
  let current;
  try {
    current = JSON.parse(text);
  } catch {
    return text;
  }
  if (!isObject(current)) return text;
  const merge = (value, before, better, name) => {
    if (isObject(value) && isObject(better)) {
      const merged = ([key, inner]) => [
        key,
        key in better ? merge(inner, before?.[key], better[key], key) : inner,
      ];
      return Object.fromEntries(Object.entries(value).map(merged));
    }
    const isStale = !running || (name === "startsAt" && isPast(value, now));
    return isPlaceholder(value) || (value === before && isStale) ? better : value;
  };
  const before = lastWritten(name)?.variables ?? writtenBefore(current, now);
  const merged = merge(current, before, fresh);
  return JSON.stringify(merged) === JSON.stringify(current) ? text : JSON.stringify(merged, null, 2);
};

export const hasPlaceholder = (text) => /"[a-z]+_…"/.test(text ?? "");
