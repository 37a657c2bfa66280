/**
 * WebAssembly modules, function by function.
 *
 * A module has one memory, which it imports, and functions. What can be done is what the programs of this engine need; the format is
 * that of https://webassembly.github.io/spec/core/binary/modules.html.
 */
import { Bytes } from "./bytes.js";
import { TYPE_CODES, type Expression, type ValueType } from "./expression.js";
import { FunctionBuilder, type Locals } from "./function.js";

/** What a function takes and gives: nothing or one value. */
export interface Signature {
  readonly params: readonly ValueType[];
  readonly result?: ValueType;
}

/** A function of a module, to be called. */
export interface FunctionReference {
  readonly index: number;
  readonly signature: Signature;
}

/** Sections by their numbers. */
const SECTION = { types: 1, imports: 2, functions: 3, exports: 7, code: 10 } as const;

export class ModuleBuilder {
  readonly #types: string[] = [];
  readonly #typeBytes = new Bytes();
  readonly #functions: { readonly type: number; body: Uint8Array<ArrayBuffer> }[] = [];
  readonly #exports: { readonly name: string; readonly index: number }[] = [];
  readonly #shared = new Map<string, FunctionReference>();

  /** Adds a function; it may call itself. */
  define<const P extends readonly ValueType[]>(
    params: P,
    result: ValueType | undefined,
    build: (f: FunctionBuilder, params: Locals<P>, self: FunctionReference) => void,
  ): FunctionReference {
    const signature: Signature = { params, ...(result && { result }) };
    const entry = { type: this.#typeOf(signature), body: new Uint8Array() };
    const reference = { index: this.#functions.push(entry) - 1, signature };
    const f = new FunctionBuilder(params);
    build(f, f.params as Locals<P>, reference);
    entry.body = f.finish();
    return reference;
  }

  /** The function of a key, made when it is first asked for. */
  shared(key: string, make: () => FunctionReference): FunctionReference {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#shared.set(key, made);
    return made;
  }

  export(name: string, { index }: FunctionReference): void {
    this.#exports.push({ name, index });
  }

  /** The module's bytes. Its memory is imported as `env.memory`. */
  finish(): Uint8Array<ArrayBuffer> {
    const bytes = new Bytes();
    bytes.bytes([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    section(bytes, SECTION.types, this.#types.length, this.#typeBytes);
    const imports = new Bytes();
    imports.name("env");
    imports.name("memory");
    imports.bytes([2, 0, 0]);
    section(bytes, SECTION.imports, 1, imports);
    const functions = new Bytes();
    const code = new Bytes();
    for (const { type, body } of this.#functions) {
      functions.unsigned(type);
      code.unsigned(body.length);
      code.bytes(body);
    }
    section(bytes, SECTION.functions, this.#functions.length, functions);
    const exports = new Bytes();
    for (const { name, index } of this.#exports) {
      exports.name(name);
      exports.byte(0);
      exports.unsigned(index);
    }
    section(bytes, SECTION.exports, this.#exports.length, exports);
    section(bytes, SECTION.code, this.#functions.length, code);
    return bytes.view();
  }

  #typeOf({ params, result }: Signature): number {
    const key = `${params.join()}>${result ?? ""}`;
    const known = this.#types.indexOf(key);
    if (known >= 0) return known;
    this.#typeBytes.byte(0x60);
    this.#typeBytes.unsigned(params.length);
    this.#typeBytes.bytes(params.map((type) => TYPE_CODES[type]));
    this.#typeBytes.bytes(result === undefined ? [0] : [1, TYPE_CODES[result]]);
    return this.#types.push(key) - 1;
  }
}

function section(to: Bytes, number: number, count: number, items: Bytes): void {
  if (count === 0) return;
  const content = new Bytes();
  content.unsigned(count);
  content.bytes(items.view());
  to.byte(number);
  to.sized(content);
}

function writeCall({ index }: FunctionReference, given: readonly Expression[]) {
  return (to: Bytes): void => {
    for (const argument of given) argument.write(to);
    to.byte(0x10);
    to.unsigned(index);
  };
}

/** The result of a function. */
export function call<R extends ValueType>(
  reference: FunctionReference,
  type: R,
  ...given: readonly Expression[]
): Expression<R> {
  return { type, write: writeCall(reference, given) };
}

/** A call of a function without a result. */
export function run(
  reference: FunctionReference,
  ...given: readonly Expression[]
): { readonly write: (to: Bytes) => void } {
  return { write: writeCall(reference, given) };
}
