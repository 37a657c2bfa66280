export {
  methodNames,
  methodOf,
  readConfiguration,
  type Configuration,
  type ConfigurationParts,
} from "./configuration.js";
export { configurationHelp, methodsHelp } from "./help.js";
