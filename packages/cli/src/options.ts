/**
 * Options that several subcommands have, and how their values are read.
 */
import { access, constants, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import { printable } from "amortis/answers";
import { UsageError } from "./failures.js";

/** Threads or processes that a command starts, at most: no machine has more to gain by. */
export const MOST_THREADS = 1024;

/** Reads a whole number from a least value on, perhaps to a largest. */
export function wholeFrom(least: number, most = Infinity): (text: string) => number {
  return (text) => {
    const value = Number(text.replaceAll("_", ""));
    if (text.trim() === "" || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} on.`);
    }
    if (value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Reads names with commas between them. */
export function names(text: string): readonly string[] {
  const all = text.split(",").map((name) => name.trim());
  if (all.includes("")) {
    throw new InvalidArgumentError("It must be names with commas between them.");
  }
  return all;
}

/** Reads a number above zero. */
export function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0) || !Number.isFinite(value)) {
    throw new InvalidArgumentError("It must be a number above 0.");
  }
  return value;
}

/** Reads a number between zero and one. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value > 0 && value < 1)) {
    throw new InvalidArgumentError("It must lie between 0 and 1.");
  }
  return value;
}

/** Reads "3/100": task 3 of 100, from 0 on. */
export function partFrom(text: string): readonly [number, number] {
  const [, i, n] = /^(\d{1,9})\/(\d{1,9})$/.exec(text.trim()) ?? [];
  if (i === undefined || n === undefined || Number(i) >= Number(n)) {
    throw new InvalidArgumentError(
      "It must be I/N, with a task I from 0 to N - 1, such as 0/100 and 99/100.",
    );
  }
  return [Number(i), Number(n)];
}

/** Where networks run. */
export function deviceOption(): Option {
  return new Option(
    "--device <DEVICE>",
    "where networks run: cpu, cuda or webgpu, by ONNX Runtime; one that is not there is refused",
  ).choices(["cpu", "cuda", "webgpu"]);
}

/** What is done about simulations that throw or are not finite. */
export function onInvalidOption(): Option {
  return new Option(
    "--on-invalid <WHAT>",
    "simulations that throw or are not finite: leave them out and say where in θ they lie, or stop (default: exclude)",
  ).choices(["exclude", "fatal"]);
}

/**
 * Sees to it that a file can be written before work begins whose result would be lost otherwise.
 *
 * @throws UsageError
 */
export async function requireWritable(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) {
    throw new UsageError(`cannot write ${path}: it is a directory; name a file`);
  }
  // Nothing is made yet: a command that fails must leave nothing behind.
  let directory = dirname(resolve(path));
  while (!(await exists(directory)) && dirname(directory) !== directory) {
    directory = dirname(directory);
  }
  const above = await stat(directory).catch(() => undefined);
  const allowed = await access(directory, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (above?.isDirectory() !== true || !allowed) {
    throw new UsageError(
      `cannot write ${path}: ${directory} is no directory that can be written to`,
    );
  }
}

/**
 * Sees to it that two files are not one, which the one would be lost by.
 *
 * @param option what names the first, and `other` the second.
 * @throws UsageError
 */
export function requireOther(option: string, path: string, other: string, second: string): void {
  if (resolve(path) !== resolve(second)) return;
  throw new UsageError(`${option} and ${other} are one file, ${path}: name two`);
}

/** Whether there is a file or directory. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Prints one JSON document on standard output. */
export function printJson(document: unknown): void {
  process.stdout.write(`${printable(JSON.stringify(document))}\n`);
}

/** Prints lines on standard output. */
export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** Prints a line on standard error. */
export function printAside(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}
