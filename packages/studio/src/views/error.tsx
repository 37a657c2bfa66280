/** What went wrong, beside what caused it. */
import { errors } from "../state/store.js";

export function ErrorAt({ place }: { readonly place: string }) {
  const message = errors.value[place];
  if (message === undefined) return null;
  return (
    <p class="error" role="alert" data-error={place}>
      {message}
    </p>
  );
}
