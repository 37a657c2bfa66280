/**
 * npm, in the versions that users have: Node 20 and 22 bring 10, Node 24 brings 11.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.js";

/** Major versions that installing must work with. */
export const NPM_VERSIONS = [10, 11] as const;

/** What is passed to each installation. */
export const NPM_FLAGS: readonly string[] = ["--prefer-offline", "--no-audit", "--no-fund"];

/** The postinstall script of onnxruntime-node finds nothing behind this; npm does not heed it. */
const NO_DOWNLOADS = { GLOBAL_AGENT_HTTPS_PROXY: "http://127.0.0.1:9" };

/** An npm. */
export interface Npm {
  /** "11.6.2". */
  readonly version: string;
  /** Installs in a project where nothing but packages can be downloaded. */
  install(project: string, ...args: readonly string[]): void;
}

/** The machine's own. */
export function ownNpm(folder: string): Npm {
  return npmBy("npm", [], folder);
}

/**
 * Another version, from the registry.
 *
 * @param folder to install it in.
 * @throws Error with what npm printed, where it cannot be had.
 */
export function npmOf(major: number, folder: string): Npm {
  const home = join(folder, `npm-${major}`);
  mkdirSync(home);
  try {
    run("npm", ["install", "--prefix", home, ...NPM_FLAGS, `npm@${major}`], home);
  } catch (cause) {
    throw new Error(
      `npm ${major} cannot be had from the registry, so that installing with it is not tested`,
      { cause },
    );
  }
  const program = join(home, "node_modules", "npm", "bin", "npm-cli.js");
  return npmBy(process.execPath, [program], home);
}

function npmBy(program: string, before: readonly string[], folder: string): Npm {
  return {
    version: run(program, [...before, "--version"], folder).stdout.trim(),
    install: (project, ...args) => {
      run(program, [...before, "install", ...NPM_FLAGS, ...args], project, NO_DOWNLOADS);
    },
  };
}
