/** A module worker that answers. */
import { answer } from "./answer.js";

self.addEventListener("message", ({ data }: MessageEvent<string>) => {
  answer(new URL(data)).then(
    (draws) => {
      postMessage({ draws });
    },
    (error: unknown) => {
      postMessage({ error: String(error) });
    },
  );
});
