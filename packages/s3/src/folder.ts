/**
 * A folder in a store of objects. Objects appear whole, and since 2020 whoever reads sees what was written last (Amazon S3's "strong consistency", which the others keep
 * too), so that all that a disk needs renames for is there. "Only where there is none" is a condition of the request (`If-None-Match: *`), which a store must honour: two
 * that begin in one folder are told apart by it, and of two that simulate one shard the first to say so counts.
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { requireKnown, type Folder, type KnownOptions } from "amortis/extend";
import { parseAddress, type S3Address } from "./address.js";
import { S3Error } from "./s3-error.js";

/**
 * Which store, where the environment does not say. Credentials are those of the AWS SDK: variables of the environment, profiles, roles of machines and containers.
 */
export interface S3Options {
  /** URL of a store that is not Amazon's; by default what AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL say. Its buckets are then in the path of URLs. */
  readonly endpoint?: string;
  /** By default that of the environment or the profile; of another store than Amazon's, where none is named, "us-east-1". */
  readonly region?: string;
}

const KNOWN: KnownOptions<S3Options> = { endpoint: true, region: true };

/** Times that a body is asked for which breaks off. */
const READS = 3;

/**
 * A folder of simulations in S3, or in a store that speaks its protocol.
 *
 * @param url s3://BUCKET/PREFIX. The bucket must exist; the prefix is what a path is on a disk.
 * @returns what `simulateToDirectory`, `openDataSet`, `readSimulations`, `openSimulations` and `openShared` take for a directory.
 * @throws S3Error where it is no such URL. What is asked of the folder throws S3Error where the store cannot be reached, refuses, or ignores conditions of writes.
 * @example
 * const folder = s3Folder("s3://simulations/field");
 * await simulateToDirectory(field, folder, { simulations: 1_000_000, seed: 1 });
 * await train(npe(field), { data: await openDataSet(folder) });
 */
export function s3Folder(url: string, options: S3Options = {}): Folder {
  requireKnown("s3Folder", options, KNOWN);
  return new S3Folder(url, parseAddress(url), clientOf(options));
}

function clientOf({ endpoint, region }: S3Options): S3Client {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const elsewhere = endpoint ?? AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL;
  const named = region ?? AWS_REGION ?? AWS_DEFAULT_REGION;
  return new S3Client({
    ...(elsewhere !== undefined && { endpoint: elsewhere, forcePathStyle: true }),
    // Of a profile, where it is Amazon's and nothing else names one.
    ...(named !== undefined
      ? { region: named }
      : elsewhere !== undefined && { region: "us-east-1" }),
    // Chunks have their own checksums, and other stores than Amazon's refuse those that the client would add.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
  });
}

class S3Folder implements Folder {
  readonly name: string;
  readonly #address: S3Address;
  readonly #client: S3Client;
  /** Whether it has been seen that the store honours conditions. */
  #honours = false;

  constructor(name: string, address: S3Address, client: S3Client) {
    this.name = name.replace(/\/+$/u, "");
    this.#address = address;
    this.#client = client;
  }

  #object(path: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#address.bucket, Key: `${this.#address.prefix}${path}` };
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    for (let tries = 1; ; tries++) {
      try {
        const { Body: body } = await this.#client.send(new GetObjectCommand(this.#object(path)));
        return (await body?.transformToByteArray()) ?? new Uint8Array();
      } catch (error) {
        if (isNamed(error, "NoSuchKey")) return undefined;
        // The client asks again for an answer that does not come, but not for a body that breaks off.
        if (error instanceof S3ServiceException || tries === READS) {
          throw this.#problem("read", path, error);
        }
      }
    }
  }

  async write(path: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.#client.send(new PutObjectCommand({ ...this.#object(path), Body: bytes }));
    } catch (error) {
      throw this.#problem("write", path, error);
    }
  }

  async create(path: string, bytes: Uint8Array): Promise<boolean> {
    const made = await this.#put(path, bytes);
    if (made && !this.#honours) {
      // Asked again, it must be refused now.
      if (await this.#put(path, bytes)) {
        throw new S3Error(
          `the store of ${this.name} ignores conditions of writes (If-None-Match: *), so that nothing keeps two from writing at once: ` +
            "use one that honours them, as Amazon S3 does since 2024",
        );
      }
      this.#honours = true;
    }
    return made;
  }

  /** Writes an object that is not there; whether it did. */
  async #put(path: string, bytes: Uint8Array): Promise<boolean> {
    for (;;) {
      try {
        const object = { ...this.#object(path), Body: bytes, IfNoneMatch: "*" };
        await this.#client.send(new PutObjectCommand(object));
        return true;
      } catch (error) {
        // Another one writes it at this moment: how that ends is not known yet.
        if (statusOf(error) === 409 && isNamed(error, "ConditionalRequestConflict")) continue;
        if (statusOf(error) !== 412) throw this.#problem("write", path, error);
        // Of an answer that was lost, the client asks again, and finds what it wrote itself.
        return isAgain(error) && sameBytes(await this.read(path), bytes);
      }
    }
  }

  async list(path = ""): Promise<readonly string[]> {
    const { bucket, prefix } = this.#address;
    const before = path === "" ? prefix : `${prefix}${path}/`;
    const names: string[] = [];
    let token: string | undefined;
    try {
      do {
        const page = await this.#client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: before,
            Delimiter: "/",
            ContinuationToken: token,
          }),
        );
        for (const { Key: key = "" } of page.Contents ?? []) names.push(key.slice(before.length));
        for (const { Prefix: folder = "" } of page.CommonPrefixes ?? []) {
          names.push(folder.slice(before.length).replace(/\/$/u, ""));
        }
        token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      } while (token !== undefined);
    } catch (error) {
      throw this.#problem("list", path, error);
    }
    // Some programs make an object for the folder itself.
    return names.filter((name) => name !== "");
  }

  async remove(path: string): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand(this.#object(path)));
    } catch (error) {
      throw this.#problem("remove", path, error);
    }
  }

  #problem(what: string, path: string, cause: unknown): S3Error {
    const place = path === "" ? this.name : `${this.name}/${path}`;
    return new S3Error(`cannot ${what} ${place}: ${this.#reason(cause)}`, { cause });
  }

  #reason(cause: unknown): string {
    if (isNamed(cause, "NoSuchBucket")) {
      return `there is no bucket ${this.#address.bucket}; it must be made first`;
    }
    if (isNamed(cause, "CredentialsProviderError")) {
      return "no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE";
    }
    if (!(cause instanceof Error)) return String(cause);
    const status = statusOf(cause);
    return [
      cause.message || cause.name,
      ...(status === undefined ? [] : [`status ${status}`]),
    ].join(", ");
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

function isAgain(error: unknown): boolean {
  return error instanceof S3ServiceException && (error.$metadata.attempts ?? 1) > 1;
}

function sameBytes(found: Uint8Array | undefined, bytes: Uint8Array): boolean {
  return found?.length === bytes.length && found.every((byte, i) => byte === bytes[i]);
}
