// GraphiQL as its users handle it.

/** Opens the page in a window of its own, at one of its examples. */
export async function openExample(context, url, name) {
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  await page.goto(`${url}/graphql`);
  // Only then do the tabs change what the editor shows, and does a click run it.
  const editor = page.locator(".graphiql-query-editor .view-lines");
  await editor.getByText(/^(query|mutation|subscription)\s/).waitFor();
  await page.locator(".graphiql-spinner").waitFor({ state: "detached" });
  await page.getByRole("tab", { name: new RegExp(`^${name}\\b`) }).click();
  await editor.getByText(new RegExp(`(query|mutation|subscription)\\s+${name}\\b`)).waitFor();
  return page;
}

export const run = (page) => page.locator("button.graphiql-execute-button").click();

/** The lines in view of the right half, once one of them has `text`. They come in any order. */
export async function response(page, text, timeout = 10_000) {
  const lines = page.locator(".result-window .view-lines");
  await lines.getByText(text).first().waitFor({ timeout });
  return (await lines.innerText()).replaceAll("\u00a0", " ");
}

/** Books by the example until the window that watches shows it: nobody says when watching began. */
export async function bookUntilSeen(booking, watching) {
  for (let tries = 1; ; tries += 1) {
    await run(booking);
    const [id] = (await response(booking, /"apt_/)).match(/apt_\w+/);
    try {
      return await response(watching, id, 2000);
    } catch (error) {
      if (tries === 5) throw error;
    }
  }
}
