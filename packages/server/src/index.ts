/**
 * `@amortis/server`: estimators over HTTP, and for agents.
 *
 * @example
 * import { serve } from "@amortis/server";
 * const server = await serve(["field.amortis"]);
 */
export { serveMcp, type McpOptions, type RunningMcp } from "./mcp/serve-mcp.js";
export type { ServerOptions } from "./options.js";
export { serve, type RunningServer } from "./server.js";
