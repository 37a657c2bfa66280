#!/usr/bin/env bash
# zarrita reads an array with the codec crc32c without verifying it, and cannot write one.
#
# The checksum's four bytes are cut off each chunk and thrown away, so a flipped bit comes back as another number, without a word; writing
# such an array throws. zarr-python 3 verifies and writes the same files. A product that stores data in Zarr for others to trust should
# compute and verify CRC-32C itself (RFC 3720, appendix B.4, little-endian after the chunk), and must not take "the codec is listed" for
# "the codec is checked".
#
# Exits 0 while this is so, and 1 once it has changed.
set -euo pipefail
version=0.7.5
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund "zarrita@$version" >/dev/null
cat >check.mjs <<'END'
import { readFileSync } from "node:fs";
import * as zarr from "zarrita";

console.log("zarrita", JSON.parse(readFileSync("node_modules/zarrita/package.json", "utf8")).version);
const metadata = {
  zarr_format: 3, node_type: "array", shape: [2], data_type: "float32", fill_value: 0, attributes: {},
  chunk_grid: { name: "regular", configuration: { chunk_shape: [2] } },
  chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
  codecs: [{ name: "bytes", configuration: { endian: "little" } }, { name: "crc32c" }],
};
// The numbers 1 and 2, and a checksum that is not theirs.
const chunk = new Uint8Array([0, 0, 128, 63, 0, 0, 0, 64, 1, 2, 3, 4]);
const files = new Map([["/zarr.json", new TextEncoder().encode(JSON.stringify(metadata))], ["/c/0", chunk]]);
const array = await zarr.open.v3(zarr.root(files), { kind: "array" });
let read = "an error";
try { read = [...(await zarr.get(array)).data].join(", "); } catch (error) { read = String(error.message); }
console.log("a chunk with a wrong checksum is read as:", read);
let written = "written";
try { await zarr.set(array, [null], { data: Float32Array.of(3, 4), shape: [2], stride: [1] }); } catch (error) {
  written = `${error.message}${error.cause ? `: ${error.cause.message}` : ""}`;
}
console.log("writing such an array:", written);
process.exit(read === "1, 2" && written !== "written" ? 0 : 1);
END
node check.mjs
