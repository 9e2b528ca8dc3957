// Where access is closed and nobody is signed in.

import { signInPage } from "../data/address";

export function SignedOut({ isOver }: { isOver: boolean }) {
  return (
    <main class="alone">
      <h1>{isOver ? "Your session has ended" : "Sign in to the front desk"}</h1>
      <p>{isOver ? "Nothing is shown of the clinic until you sign in again." : "This clinic is for its staff."}</p>
      <p>
        <a class="button primary" href={signInPage()}>
          Sign in
        </a>
      </p>
    </main>
  );
}
