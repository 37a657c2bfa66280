/**
 * Folders of simulations in S3, and in whatever else speaks its protocol.
 */
export { s3Folder, type S3Options } from "./folder.js";
export { S3Error } from "./s3-error.js";
