/** A posterior of two modes. */
export { squared } from "../../scripts/pictures/models.js";
