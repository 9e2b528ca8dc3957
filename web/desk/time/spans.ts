// Half-open spans of time: the end does not belong to them.

export interface Span {
  from: number;
  to: number;
}

export const overlap = (one: Span, other: Span): boolean => one.from < other.to && other.from < one.to;

/** Spans in order, those that touch put together. */
export function joined(spans: Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.filter(({ from, to }) => from < to).sort((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else result.push({ ...span });
  }
  return result;
}

/** What of the spans is left without the others. */
export function minus(spans: Span[], others: Span[]): Span[] {
  let left = joined(spans);
  for (const other of others) {
    left = left.flatMap((span) =>
      overlap(span, other)
        ? [
            { from: span.from, to: other.from },
            { from: other.to, to: span.to },
          ].filter(({ from, to }) => from < to)
        : [span],
    );
  }
  return left;
}
