// A token for servers that ask for one, for every page: asked for when the server refuses a request,
// and kept for this tab of the browser. Not longer, because it may open the records of patients; but
// across the pages and reloads of the tab, so that it is asked for once. Whoever signs in instead needs
// none: the browser sends their session along.

const KEY = "clinic:token";

/** The token that was given in this tab, or null. */
export const knownToken = () => sessionStorage.getItem(KEY);

/** Keeps a token that was given elsewhere on the page; null forgets it. */
export const keepToken = (token) =>
  token === null ? sessionStorage.removeItem(KEY) : sessionStorage.setItem(KEY, token);

const STYLE = `
.clinic-token { box-sizing: border-box; width: min(420px, calc(100vw - 32px)); padding: 22px 24px;
  border: 1px solid light-dark(#d5dcdc, #313b3c); border-radius: 12px;
  background: light-dark(#fff, #1c2324); color: light-dark(#17201f, #e4eae9);
  font: 15px/1.5 system-ui, sans-serif; }
.clinic-token::backdrop { background: rgb(0 0 0 / 45%); }
.clinic-token h2 { margin: 0 0 6px; font-size: 17px; }
.clinic-token p { margin: 0 0 14px; }
.clinic-token label { display: block; font-weight: 600; }
.clinic-token input { box-sizing: border-box; width: 100%; margin: 4px 0 16px; padding: 9px 11px;
  border: 1px solid light-dark(#9aa8a7, #54625f); border-radius: 7px; background: transparent;
  color: inherit; font: inherit; }
.clinic-token div { display: flex; justify-content: flex-end; gap: 10px; }
.clinic-token button { padding: 8px 16px; border: 1px solid light-dark(#9aa8a7, #54625f);
  border-radius: 7px; background: transparent; color: inherit; font: inherit; cursor: pointer; }
.clinic-token button[value="use"] { border-color: #0f766e; background: #0f766e; color: #fff; }
.clinic-token a { color: light-dark(#0f766e, #5eead4); }
.clinic-token :focus-visible { outline: 2px solid #0f766e; outline-offset: 1px; }
`;

const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

// Beside the assets, whatever path a proxy puts before both.
const here = import.meta.url;
const root = new URL("../../", here);

/** Where to sign in, and come back to this page. */
const signInPage = () => {
  const page = new URL("sign-in", root);
  page.searchParams.set("next", `/${location.pathname.slice(root.pathname.length)}`);
  return page.href;
};

/** Shows the dialog; answers what was typed, or null where it was sent away. */
const showDialog = (words) =>
  new Promise((resolve) => {
    const input = make("input", { type: "password", name: "token", required: true, autocomplete: "off" });
    // What a header can carry.
    input.pattern = "\\s*[!-~]+\\s*";
    input.title = "A token, without spaces: it begins with clt_, or is the value of API_TOKEN";
    const later = make("button", { type: "button", textContent: "Not now" });
    const form = make(
      "form",
      { method: "dialog" },
      make("h2", { textContent: "This server asks for a token" }),
      make("p", { textContent: words }),
      make("p", {}, "Or ", make("a", { href: signInPage(), textContent: "sign in" }), ", if you have a password here."),
      make("label", { textContent: "Token" }, input),
      make("div", {}, later, make("button", { value: "use", textContent: "Use it" })),
    );
    const dialog = make("dialog", { className: "clinic-token" }, make("style", { textContent: STYLE }), form);
    dialog.style.colorScheme = "light dark";
    later.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "use" ? input.value.trim() : null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });

const MISSING = "An administrator makes one for you. This tab of the browser keeps it until you close it.";
const WRONG = "That is not the token: the server did not take it. Try again.";

/** The dialog that is open, if one is: several requests may be refused at once. */
let asking = null;

/** Whether the reader sent the question away: it is not asked again before the reader runs something. */
let isDismissed = false;
export const isLockedOut = () => isDismissed;
export const askAgain = () => {
  isDismissed = false;
};

/**
 * Asks for the token after the server refused `refused` (null where none was sent). Answers the one
 * to try next, or null where nobody gives one.
 */
const askForToken = async (refused) => {
  if (asking) return asking;
  // Somebody else's question has been answered since this request was sent.
  if (knownToken() !== refused) return knownToken();
  asking = showDialog(refused === null ? MISSING : WRONG);
  const given = await asking;
  asking = null;
  isDismissed = given === null;
  if (given !== null) keepToken(given);
  return given;
};

/**
 * `fetch` with the token. Where the server asks for one, so does the page, until it is right or
 * nobody gives one; a request that brings its own `Authorization` is sent as it is.
 */
export const fetchWithToken = async (input, init = {}) => {
  const own = new Headers(init.headers);
  if (own.has("authorization")) return fetch(input, init);
  for (let token = knownToken(); ; ) {
    const headers = new Headers(own);
    if (token !== null) headers.set("authorization", `Bearer ${token}`);
    const response = await fetch(input, { ...init, headers });
    if (response.status !== 401 || isDismissed) return response;
    token = await askForToken(token);
    if (token === null) return response;
  }
};
