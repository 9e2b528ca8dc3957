// What a mail says: its text, how it looks where HTML is shown, and the visit for a calendar.

import type { WholeMail } from "../../data/mail";

type Content = NonNullable<WholeMail["content"]>;

export function Said({ content: { subject, text, html, calendar } }: { content: Content }) {
  return (
    <section class="said" aria-label="What it says">
      <h3>{subject}</h3>
      <p class="said-text">{text}</p>
      <details>
        <summary>How it looks</summary>
        {/* An origin of its own, without scripts, forms or windows: whatever is in there stays in there. */}
        <iframe sandbox="" title={`${subject}, as it looks`} srcdoc={html} />
      </details>
      {calendar !== null && (
        <p>
          <a download="visit.ics" href={`data:text/calendar;charset=utf-8,${encodeURIComponent(calendar)}`}>
            The visit for a calendar (visit.ics)
          </a>
        </p>
      )}
    </section>
  );
}
