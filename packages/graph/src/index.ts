export * from "./dtype.js";
export * from "./errors.js";
export * from "./directional.js";
export * from "./gradient.js";
export * from "./host-tensor.js";
export * from "./initializers.js";
export * from "./leaves.js";
export * from "./lower.js";
export * from "./operations/comparison.js";
export * from "./operations/elementwise.js";
export * from "./operations/indexing.js";
export * from "./operations/linear.js";
export * from "./operations/logistic.js";
export * from "./operations/movement.js";
export * from "./operations/reduction.js";
export * from "./operations/softmax.js";
export * from "./operations/sorting.js";
export * from "./primitive.js";
export * from "./shape.js";
export * from "./tensor.js";
export * from "./variables.js";
export * from "./optimizers/adam.js";
export * from "./optimizers/averaged.js";
export * from "./optimizers/optimizer.js";
export * from "./optimizers/schedule.js";
export * from "./program.js";
export * from "./specialize.js";
export * from "./evaluation-loop.js";
export * from "./training-loop.js";
export {
  checkProgram,
  checkedProgram,
  type ExpectedValue,
  type ProgramContract,
} from "./onnx/allow-list.js";
export { chainModels, type ChainedModelOptions } from "./onnx/chain.js";
export { describeModel, bindInputs, type ModelDescription } from "./onnx/describe.js";
export * from "./onnx/encode.js";
export * from "./onnx/ir.js";
export { joinedRuntime, type JoinedRuntime, type JoinOptions } from "./runtimes/joined.js";
export * from "./runtimes/resident.js";
export * from "./runtimes/runtime.js";
export * from "./custom-gradients.js";
export * from "./operations/gemm.js";
export * from "./cost.js";
export * from "./operations/linear-algebra.js";
export * from "./operations/convolution.js";
export * from "./operations/normal.js";
export * from "./operations/normalization.js";
export { printable } from "./printable.js";
