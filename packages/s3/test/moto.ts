/**
 * A real server of S3's protocol, where there is one: moto's (https://docs.getmoto.org), which is Python's. `pip install -r requirements.txt` brings it, and AMORTIS_MOTO names its program, `moto_server`.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { freePort } from "../../queue/test/free-port.js";

const PROGRAM = process.env["AMORTIS_MOTO"] ?? "moto_server";

/** Whether it is installed. */
export const hasMoto = spawnSync(PROGRAM, ["--help"]).status === 0;

/** Starts one with a bucket named "bucket". */
export async function startMoto(): Promise<{
  readonly endpoint: string;
  close(): Promise<void>;
}> {
  const port = await freePort();
  const child = spawn(PROGRAM, ["--host", "127.0.0.1", "--port", String(port)], {
    stdio: "ignore",
  });
  const endpoint = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${endpoint}/bucket`, { method: "PUT" }).catch(() => undefined))?.ok) {
    if (child.exitCode !== null) throw new Error(`${PROGRAM} ended with ${child.exitCode}`);
    await setTimeout(50);
  }
  return {
    endpoint,
    close: async () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
