/** Schools of which an effect and its standard error are known. */
export { schools } from "../../scripts/pictures/schools.js";
