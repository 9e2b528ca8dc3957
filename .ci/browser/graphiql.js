// The pages as their users handle them.

import { readFile } from "node:fs/promises";

/** Opens GraphiQL, and waits until it can be used. */
export async function openGraphiQL(context, url) {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(`${url}/graphql`);
  await page.locator("button.graphiql-execute-button").waitFor();
  return page;
}

/** What is answered to the operation of that name, which is run meanwhile. */
export async function answerTo(page, name, running) {
  const isIt = (response) => {
    const request = response.request();
    if (!response.url().endsWith("/graphql") || request.method() !== "POST") return false;
    return request.postDataJSON().operationName === name && response.status() !== 401;
  };
  const [response] = await Promise.all([page.waitForResponse(isIt), running()]);
  return { status: response.status(), ...(await response.json()) };
}

/** Puts the page of a build without npm in the place of the one that the server carries. */
export async function servePlainPage(context, url) {
  // Handed in here and not by the server, the page is for Chromium from nobody knows where.
  await context.grantPermissions(["local-network-access"]);
  const web = new URL("../../web/", import.meta.url);
  for (const [path, file, contentType] of [
    ["/graphql", "fallback.html", "text/html"],
    ["/assets/graphiql/fallback.css", "fallback.css", "text/css"],
    ...["fallback", "examples", "known", "fill", "token"].map((name) => [
      `/assets/graphiql/${name}.js`,
      `${name}.js`,
      "text/javascript",
    ]),
  ]) {
    const body = await readFile(new URL(file, web));
    await context.route(`${url}${path}`, (route) =>
      route.request().method() === "GET" ? route.fulfill({ body, contentType }) : route.fallback(),
    );
  }
}

/** Opens the page in a window of its own, at one of its examples. */
export async function openExample(context, url, name) {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
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
