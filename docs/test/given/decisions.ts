/** Trials, a covariate and subjects, and data of lexical decisions: `@amortis/response-times`. */
export {
  decisions,
  lexical,
  lexicalSubjects,
  wordDecisions,
} from "../../../models/response-times/src/index.js";
