// Where things are: beside this page, whatever path a proxy puts before it.

const root = new URL("./", location.href);

export const GRAPHQL = new URL("graphql", root).href;

/** Where to sign in, and come back to what is shown now. */
export function signInPage(): string {
  const page = new URL("sign-in", root);
  page.searchParams.set("next", `/${location.pathname.slice(root.pathname.length)}${location.search}`);
  return page.href;
}

export const HOME = root.href;

/** Names what tabs share: another clinic may stand behind another path of the same host. */
export const shared = (name: string): string => `clinic-desk ${name} ${root.pathname}`;
