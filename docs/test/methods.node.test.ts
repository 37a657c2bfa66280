import { pagesOf } from "./blocks.js";
import { testPages } from "./run-page.js";

testPages(pagesOf("methods"));
