import { frame } from "./lib/dom.js";
import { zoneLong } from "./lib/format.js";

frame(zoneLong);
