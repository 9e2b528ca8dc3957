// Where things are: beside this page, whatever path a proxy puts before it.

/** The mail has an address of its own as well, one step deeper: desk/mail. */
const OF_MAIL = /\/desk\/mail\/?$/;

// From here on it is the view that it is, so that every link leads from one place.
if (OF_MAIL.test(location.pathname)) {
  const page = new URL(location.href);
  page.pathname = page.pathname.replace(OF_MAIL, "/desk");
  page.searchParams.set("view", "mail");
  history.replaceState(history.state, "", page);
}

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
