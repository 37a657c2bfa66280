/** The body of one function: locals, statements and loops, written as they come. */
import { Bytes } from "./bytes.js";
import {
  TYPE_CODES,
  type Expression,
  type I32,
  type Statement,
  type ValueType,
} from "./expression.js";
import { i32 } from "./scalar.js";

/** A variable of a function. */
export interface Local<T extends ValueType = ValueType> extends Expression<T> {
  readonly index: number;
}

/** Locals of some types, in their order. */
export type Locals<P extends readonly ValueType[]> = { readonly [K in keyof P]: Local<P[K]> };

/** Places that a branch leaves, by how many blocks are around it. */
const BLOCK = 0x02;
const LOOP = 0x03;
const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const NOTHING = 0x40;

export class FunctionBuilder {
  readonly params: readonly Local[];
  readonly #types: ValueType[] = [];
  readonly #code = new Bytes();

  constructor(params: readonly ValueType[]) {
    this.params = params.map((type, index) => local(type, index));
  }

  /** A new variable; it begins at zero. */
  local<T extends ValueType>(type: T): Local<T> {
    return local(type, this.params.length + this.#types.push(type) - 1);
  }

  /** A new variable that holds a value. */
  let<T extends ValueType>(value: Expression<T>): Local<T> {
    const variable = this.local(value.type);
    this.set(variable, value);
    return variable;
  }

  set<T extends ValueType>({ index }: Local<T>, value: Expression<T>): void {
    value.write(this.#code);
    this.#code.byte(0x21);
    this.#code.unsigned(index);
  }

  /** variable + value. */
  increase(variable: Local<"i32">, by: I32 | number): void {
    this.set(variable, i32.add(variable, typeof by === "number" ? i32.const(by) : by));
  }

  do(statement: Statement): void {
    statement.write(this.#code);
  }

  /** Leaves a value as the function's result; the last that is written. */
  give(value: Expression): void {
    value.write(this.#code);
  }

  /** Gives a value at once. */
  return(value?: Expression): void {
    value?.write(this.#code);
    this.#code.byte(0x0f);
  }

  /** Repeats as long as a condition holds. */
  while(condition: I32, body: () => void): void {
    this.#code.bytes([BLOCK, NOTHING, LOOP, NOTHING]);
    i32.eqz(condition).write(this.#code);
    this.#code.bytes([0x0d, 1]);
    body();
    this.#code.bytes([0x0c, 0, END, END]);
  }

  /** Repeats until a condition no longer holds: at least once. */
  repeat(body: () => void, condition: I32): void {
    this.#code.bytes([LOOP, NOTHING]);
    body();
    condition.write(this.#code);
    this.#code.bytes([0x0d, 0, END]);
  }

  /** For i = from, from + step, ... below a bound. */
  for(from: I32, bound: I32, step: number, body: (i: Local<"i32">) => void): void {
    const i = this.let(from);
    this.while(i32.ltS(i, bound), () => {
      body(i);
      this.increase(i, step);
    });
  }

  if(condition: I32, then: () => void, otherwise?: () => void): void {
    condition.write(this.#code);
    this.#code.bytes([IF, NOTHING]);
    then();
    if (otherwise !== undefined) {
      this.#code.byte(ELSE);
      otherwise();
    }
    this.#code.byte(END);
  }

  /** Ends the program: the engine's message says why. */
  trap(): void {
    this.#code.byte(0x00);
  }

  /** The body: locals, code, end. */
  finish(): Uint8Array<ArrayBuffer> {
    const body = new Bytes();
    const runs: { readonly type: ValueType; count: number }[] = [];
    for (const type of this.#types) {
      const last = runs.at(-1);
      if (last?.type === type) last.count++;
      else runs.push({ type, count: 1 });
    }
    body.unsigned(runs.length);
    for (const { type, count } of runs) {
      body.unsigned(count);
      body.byte(TYPE_CODES[type]);
    }
    body.bytes(this.#code.view());
    body.byte(END);
    return body.view();
  }
}

function local<T extends ValueType>(type: T, index: number): Local<T> {
  return {
    type,
    index,
    write: (to) => {
      to.byte(0x20);
      to.unsigned(index);
    },
  };
}
