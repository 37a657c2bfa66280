/**
 * `amortis studio`: the web app, on this machine.
 */
import { spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { UsageError } from "../failures.js";
import { locatePackage } from "../optional.js";
import { print, printAside, wholeFrom } from "../options.js";
import { serveFolder, type StaticServer } from "../static-server.js";

const DETAILS = `
Serves the studio to this machine alone, until it is interrupted. Everything runs in the page: nothing leaves the machine, and the page works on
without the server once it is loaded. The files in the package's folder dist can be put on any static host as they are.

Examples:
  amortis studio
  amortis studio field.amortis --port 8080 --no-open`;

interface StudioOptions {
  readonly port?: number;
  readonly open: boolean;
}

/** Usual port; where it is taken and none was asked for, another. */
const PORT = 4177;

/** What the subcommand takes and does. */
export function addStudio(command: Command): void {
  command
    .description("Open the studio: answers that follow data while they are dragged.")
    .argument("[FILE]", "estimator to open (.amortis)")
    .option(
      "--port <P>",
      `port to serve at, 0 for any that is free (default: ${PORT}, or another where it is taken)`,
      wholeFrom(0, 65_535),
    )
    .option("--no-open", "print the address, and open no browser")
    .addHelpText("after", DETAILS)
    .action(async (file: string | undefined, options: StudioOptions) => {
      if (file !== undefined) await requireFile(file);
      const server = await serveStudio(file, options.port);
      const address = addressOf(server);
      print(address);
      if (options.open && !openBrowser(address)) {
        printAside("no browser was found to open it with: open the address yourself");
      }
      await interrupted();
      await server.close();
    });
}

/** The server of the studio, at the port asked for or a free one. */
async function serveStudio(
  file: string | undefined,
  port: number | undefined,
): Promise<StaticServer> {
  const manifest = locatePackage("@amortis/studio/package.json", "the studio", "@amortis/studio");
  const folder = join(dirname(fileURLToPath(manifest)), "dist");
  if ((await stat(join(folder, "index.html")).catch(() => undefined)) === undefined) {
    throw new UsageError(`the studio is not built: npm run build -w @amortis/studio`);
  }
  const what = { folder, file: file && resolve(file) };
  try {
    return await serveFolder({ ...what, port: port ?? PORT });
  } catch (error) {
    const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (taken && port === undefined) return serveFolder({ ...what, port: 0 });
    if (!taken) throw error;
    throw new UsageError(`port ${port} is taken: give another, or 0 for any that is free`);
  }
}

function addressOf({ url, opened }: StaticServer): string {
  return opened === undefined ? url : `${url}#${new URLSearchParams({ e: opened }).toString()}`;
}

async function requireFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) throw new UsageError(`there is no file ${file}`);
}

/** Opens the browser of the desktop; false where there is none that is known. */
function openBrowser(address: string): boolean {
  const commands: Readonly<Record<string, readonly [string, ...string[]]>> = {
    darwin: ["open", address],
    win32: ["cmd", "/c", "start", "", address.replaceAll("&", "^&")],
    linux: ["xdg-open", address],
  };
  const found = commands[process.platform];
  if (found === undefined) return false;
  const [program, ...args] = found;
  const child = spawn(program, args, { stdio: "ignore", detached: true });
  child.on("error", () => {
    printAside(`${program} is not there to open a browser: open the address yourself`);
  });
  child.unref();
  return true;
}

async function interrupted(): Promise<void> {
  await new Promise<void>((done) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => {
        done();
      });
  });
}
