/** Bytes as WebAssembly's binary format writes them: numbers in LEB128, vectors and sections after their length. */

/** A sequence of bytes that grows. */
export class Bytes {
  #data = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(value: number): void {
    if (this.#length === this.#data.length) this.#grow(1);
    this.#data[this.#length++] = value;
  }

  bytes(values: ArrayLike<number>): void {
    if (this.#length + values.length > this.#data.length) this.#grow(values.length);
    this.#data.set(values, this.#length);
    this.#length += values.length;
  }

  /** An unsigned number below 2^32. */
  unsigned(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** A signed number of up to 64 bits; of 32 where it is no bigint. */
  signed(value: number | bigint): void {
    if (typeof value === "number") return this.#signed32(value);
    let rest = value;
    while (rest < -64n || rest >= 64n) {
      this.byte(Number(rest & 127n) + 128);
      rest >>= 7n;
    }
    this.byte(Number(rest & 127n));
  }

  #signed32(value: number): void {
    let rest = value | 0;
    while (rest < -64 || rest >= 64) {
      this.byte((rest & 127) + 128);
      rest >>= 7;
    }
    this.byte(rest & 127);
  }

  float32(value: number): void {
    this.bytes(new Uint8Array(Float32Array.of(value).buffer));
  }

  float64(value: number): void {
    this.bytes(new Uint8Array(Float64Array.of(value).buffer));
  }

  /** Others after their length. */
  sized(others: Bytes): void {
    this.unsigned(others.length);
    this.bytes(others.view());
  }

  /** A name after its length. */
  name(text: string): void {
    const encoded = new TextEncoder().encode(text);
    this.unsigned(encoded.length);
    this.bytes(encoded);
  }

  /** What was written so far; the same memory, valid until more is written. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#data.subarray(0, this.#length);
  }

  #grow(by: number): void {
    const larger = new Uint8Array(Math.max(2 * this.#data.length, this.#length + by));
    larger.set(this.view());
    this.#data = larger;
  }
}
