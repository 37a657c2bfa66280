/** Eight numbers about a mean. */
export { mean } from "../../scripts/pictures/models.js";
