/**
 * `@amortis/server`: estimators over HTTP.
 *
 * @example
 * import { serve } from "@amortis/server";
 * const server = await serve(["field.amortis"]);
 */
export type { ServerOptions } from "./options.js";
export { serve, type RunningServer } from "./server.js";
