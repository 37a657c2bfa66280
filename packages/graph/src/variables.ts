/**
 * Weights of networks, by name.
 *
 * A network is a plain description. Applied in a `Scope` it creates the variables it needs, or finds them again by name, so
 * that the training program and the inference program of one network share weights.
 */
import { InvalidArgumentError, ShapeError } from "./errors.js";
import type { HostTensor } from "./host-tensor.js";
import { constantInit, type Initializer, type RandomSource } from "./initializers.js";
import { stopGradient } from "./gradient.js";
import { hostConstant } from "./leaves.js";
import { formatShape, sameShape } from "./shape.js";
import { Tensor } from "./tensor.js";

/** One variable: a leaf of the graph, and how its value begins. */
export interface Variable {
  readonly name: string;
  readonly tensor: Tensor;
  readonly shape: readonly number[];
  readonly size: number;
  readonly initializer: Initializer;
  /** False for running statistics, which are assigned instead of learned, and for what is fixed. */
  readonly trainable: boolean;
  /** Whether it is a running statistic. */
  readonly state: boolean;
}

/** All variables of an estimator, in order of creation; that order is also the layout of the flat weight vector. */
export class Variables {
  readonly #entries = new Map<string, Variable>();
  readonly #isFixed: (name: string) => boolean;

  /** @param isFixed which of them no step changes, by their names: parts of networks that were trained before. */
  constructor({ isFixed = () => false }: { readonly isFixed?: (name: string) => boolean } = {}) {
    this.#isFixed = isFixed;
  }

  /** Whether no step changes the variables and states of a name. */
  isFixed(name: string): boolean {
    return this.#isFixed(name);
  }

  /** Trainable ones first, in order of creation, then the others. */
  get entries(): readonly Variable[] {
    const all = [...this.#entries.values()];
    return [...all.filter((v) => v.trainable), ...all.filter((v) => !v.trainable)];
  }

  /** Number of trainable weights. */
  get trainableSize(): number {
    return this.entries.reduce((total, v) => total + (v.trainable ? v.size : 0), 0);
  }

  /** Length of the flat vector of all. */
  get size(): number {
    return this.entries.reduce((total, v) => total + v.size, 0);
  }

  /** The variable of a name, made on first use. */
  obtain(
    name: string,
    shape: readonly number[],
    initializer: Initializer,
    trainable: boolean,
  ): Variable {
    const known = this.#entries.get(name);
    if (known !== undefined) {
      if (!sameShape(known.shape, shape)) {
        throw new ShapeError(
          `variable "${name}" has shape ${formatShape(known.shape)} and was asked for with ${formatShape(shape)}; give the two networks different scopes`,
        );
      }
      if (known.state === trainable) {
        throw new InvalidArgumentError(
          `"${name}" is asked for both as a variable and as a state; give the two different names`,
        );
      }
      return known;
    }
    const variable: Variable = {
      name,
      tensor: Tensor.leaf(name, { shape, dtype: "float32" }),
      shape,
      size: shape.reduce((a, b) => a * b, 1),
      initializer,
      trainable: trainable && !this.#isFixed(name),
      state: !trainable,
    };
    this.#entries.set(name, variable);
    return variable;
  }

  /** Initial values of all, as one flat vector. */
  initialize(random: RandomSource): Float32Array {
    const values = new Float32Array(this.size);
    let offset = 0;
    for (const { shape, size, initializer } of this.entries) {
      values.set(initializer(shape, random), offset);
      offset += size;
    }
    return values;
  }
}

/** Fresh noise that a program takes at each training step. */
export interface NoiseInput {
  readonly tensor: Tensor;
  readonly kind: "normal" | "uniform";
}

/** A value given to a variable after each training step. */
export interface Assignment {
  readonly target: Tensor;
  readonly value: Tensor;
}

/** Whether a graph is built to train or to answer: batch statistics and noise, or running statistics and none. */
export type Mode = "training" | "inference";

interface Shared {
  readonly variables: Variables;
  /** Values that take the place of variables, by name. */
  readonly frozen?: Readonly<Record<string, HostTensor>>;
  readonly mode: Mode;
  /** Whether variables are constant as far as gradients are concerned. */
  readonly stopped?: boolean;
  readonly noise: NoiseInput[];
  readonly assignments: Assignment[];
}

/** A place in the tree of names, in which a network creates or finds its variables. */
export class Scope {
  readonly #shared: Shared;
  readonly #path: string;

  private constructor(shared: Shared, path: string) {
    this.#shared = shared;
    this.#path = path;
  }

  /** The root of the tree. */
  static root(variables: Variables, mode: Mode): Scope {
    return new Scope({ variables, mode, noise: [], assignments: [] }, "");
  }

  /**
   * The root of a tree whose variables and states have their values already: a trained network becomes part of another graph, and
   * learns no more.
   *
   * @example const features = network.apply(Scope.frozen(weights), data);
   */
  static frozen(values: Readonly<Record<string, HostTensor>>): Scope {
    const variables = new Variables();
    return new Scope(
      { variables, frozen: values, mode: "inference", noise: [], assignments: [] },
      "",
    );
  }

  get training(): boolean {
    return this.#shared.mode === "training";
  }

  /** Whether what is here keeps its weights: its statistics are the running ones, and nothing of it is left out by chance. */
  get fixed(): boolean {
    return this.#shared.variables.isFixed(this.#name(""));
  }

  /** Noise asked for so far, here and anywhere in the tree. */
  get noiseInputs(): readonly NoiseInput[] {
    return this.#shared.noise;
  }

  /** Assignments asked for so far, here and anywhere in the tree. */
  get assignments(): readonly Assignment[] {
    return this.#shared.assignments;
  }

  /** A scope within this one. */
  child(name: string): Scope {
    return new Scope(this.#shared, this.#name(name));
  }

  /** The same place, in which variables are constant as far as gradients are concerned. */
  stopGradients(): Scope {
    return new Scope({ ...this.#shared, stopped: true }, this.#path);
  }

  /** A trainable variable, created on first use. */
  variable(name: string, shape: readonly number[], initializer: Initializer): Tensor {
    return this.#obtain(name, shape, initializer, true);
  }

  /** A variable that is assigned instead of learned, such as a running mean. */
  state(name: string, shape: readonly number[], initial: number): Tensor {
    return this.#obtain(name, shape, constantInit(initial), false);
  }

  /** Sets a state after each training step; nothing in inference, and where the scope is fixed. */
  assign(target: Tensor, value: Tensor): void {
    if (!sameShape(target.shape, value.shape)) {
      throw new ShapeError(`assign: ${target.toString()} cannot hold ${formatShape(value.shape)}`);
    }
    if (this.training && !this.fixed) this.#shared.assignments.push({ target, value });
  }

  /**
   * Noise, drawn afresh for each training step by whoever runs the program.
   *
   * @throws InvalidArgumentError in inference, where an answer must not depend on hidden noise.
   */
  noise(shape: readonly number[], kind: "normal" | "uniform"): Tensor {
    if (!this.training) {
      throw new InvalidArgumentError(
        "noise was asked for outside training; make it an input of the program",
      );
    }
    const tensor = Tensor.leaf(`noise_${this.#shared.noise.length}`, { shape, dtype: "float32" });
    this.#shared.noise.push({ tensor, kind });
    return tensor;
  }

  #obtain(
    name: string,
    shape: readonly number[],
    initializer: Initializer,
    trainable: boolean,
  ): Tensor {
    const path = this.#name(name);
    const { frozen, variables, stopped } = this.#shared;
    if (frozen === undefined) {
      const { tensor } = variables.obtain(path, shape, initializer, trainable);
      return stopped === true ? stopGradient(tensor) : tensor;
    }
    const value = frozen[path];
    if (value === undefined || !sameShape(value.shape, shape)) {
      const given = value === undefined ? "none" : formatShape(value.shape);
      throw new ShapeError(
        `the network asks for "${path}" of shape ${formatShape(shape)}, but among the frozen weights there is ${given}: they are another network's`,
      );
    }
    return hostConstant(value);
  }

  #name(name: string): string {
    return this.#path === "" ? name : `${this.#path}/${name}`;
  }
}
