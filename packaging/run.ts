/**
 * Programs, as a user's shell runs them.
 */
import { spawnSync } from "node:child_process";

/** What a program printed, and its exit status. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The environment without what npm sets for scripts: those settings are the workspace's, which a user does not have. */
function userEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_OPTIONS$|INIT_CWD$)/.test(name)),
  );
}

/** Runs a program to its end, whatever that is. */
export function attempt(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Ran {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env: { ...userEnvironment(), ...env },
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

/**
 * Runs a program that must succeed.
 *
 * @throws Error with what it printed, where it does not.
 */
export function run(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Ran {
  const ran = attempt(program, args, cwd, env);
  if (ran.status === 0) return ran;
  throw new Error(
    `${program} ${args.join(" ")} ended with ${ran.status}\n${ran.stdout}\n${ran.stderr}`,
  );
}
