import { printable } from "./printable.js";

/** What goes wrong, in a small family: every error has a `code`, and a message that says what was given and what to do. */
export class AmortisError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    // What a file or a stranger says is part of many messages.
    super(printable(message), options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An argument out of its range. */
export class InvalidArgumentError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("invalid-argument", message, options);
  }
}

/** Shapes or types that do not fit an operation. */
export class ShapeError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("shape", message, options);
  }
}

/** Something sensible that this version, or this runtime, cannot do. */
export class UnsupportedError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("unsupported", message, options);
  }
}

/** Bytes that are no valid ONNX model, or a graph that cannot be written as one. */
export class EncodingError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("encoding", message, options);
  }
}

/** A failure inside the runtime. */
export class RuntimeError extends AmortisError {
  constructor(message: string, options?: ErrorOptions) {
    super("runtime", message, options);
  }
}
