/**
 * Where in a store something is: s3://BUCKET/PREFIX.
 */
import { S3Error } from "./s3-error.js";

/** A bucket, and the beginning of the keys of all that belongs to a folder. */
export interface S3Address {
  readonly bucket: string;
  /** "" or one that ends with "/". */
  readonly prefix: string;
}

/** @throws S3Error where it is no such URL. */
export function parseAddress(url: string): S3Address {
  const [, bucket, path = ""] = /^s3:\/\/([^/?#]+)(?:\/([^?#]*))?$/u.exec(url) ?? [];
  if (bucket === undefined) {
    throw new S3Error(
      `a folder in a store is named by s3://BUCKET/PREFIX, but ${JSON.stringify(url)} was given`,
    );
  }
  const prefix = path.replace(/\/+$/u, "");
  return { bucket, prefix: prefix === "" ? "" : `${prefix}/` };
}
