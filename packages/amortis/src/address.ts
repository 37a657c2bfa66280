/**
 * Where a file or module is.
 */
import { fileURLToPath } from "#platform";

/** A path, or a URL, as text or as a `URL`. Spelt out, so that the package's types need neither the DOM's nor Node's. */
export type Address = string | { readonly href: string };

/** An address as text: as it was given, or the URL whole. */
export function addressText(address: Address): string {
  return typeof address === "string" ? address : address.href;
}

/** The path of a file, in Node. */
export function fileOf(address: Address): string {
  return typeof address === "string" ? address : fileURLToPath(address.href);
}

/** Whether this is one address rather than several. */
export function isAddress(addresses: Address | readonly Address[]): addresses is Address {
  return typeof addresses === "string" || "href" in addresses;
}
