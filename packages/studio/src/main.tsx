/** Starts the studio. */
import { render } from "preact";
import { follow } from "./state/actions.js";
import { fromFragment, keepAddress } from "./state/url.js";
import { App } from "./views/app.js";
// oxlint-disable-next-line import/no-unassigned-import -- a style sheet
import "./styles/studio.css";

const place = document.getElementById("studio");
if (place !== null) render(<App />, place);
follow();
await fromFragment(location.hash.slice(1));
keepAddress();
// Once loaded, it works without the server.
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  await navigator.serviceWorker.register(new URL("sw.js", document.baseURI));
}
