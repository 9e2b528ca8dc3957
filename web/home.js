// The landing page's links to what is not open: a browser sends no token along a link.
import { askAgain, fetchWithToken, knownToken } from "./token.js";

for (const link of document.querySelectorAll("[data-guarded]")) {
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    askAgain();
    const response = await fetchWithToken(link.href);
    if (response.status === 401) return;
    const isOpen = knownToken() === null;
    location.href = isOpen ? link.href : URL.createObjectURL(new Blob([await response.text()], { type: "text/plain" }));
  });
}
