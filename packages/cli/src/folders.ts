/**
 * Folders as the command line names them: paths, or URLs of a store whose package is installed by those who want it.
 */
import { resolve } from "node:path";
import type * as S3 from "@amortis/s3";
import type { FolderAddress } from "amortis";
import { locatePackage } from "./optional.js";

/** Whether this is in a store of objects, rather than on a disk. */
export function isRemote(directory: string): boolean {
  return directory.startsWith("s3://");
}

/** A folder as other machines, and other working directories, know it. */
export function absoluteFolder(directory: string): string {
  return isRemote(directory) ? directory : resolve(directory);
}

/**
 * A folder by its path or URL.
 *
 * @throws UsageError where it is in a store whose package is not installed; S3Error where it is no URL of a store.
 */
export async function openFolder(directory: string): Promise<FolderAddress> {
  if (!isRemote(directory)) return directory;
  const store: typeof S3 = await import(locatePackage("@amortis/s3", "s3://, a store of objects,"));
  return store.s3Folder(directory);
}
