export { contourPanel, type ContourOptions, type MarkedPoint } from "./contour.js";
export { curvesPanel, type Curve, type CurvesOptions } from "./curves.js";
export { densityPanel, type DensityCurve, type DensityOptions } from "./density.js";
export {
  figure,
  saveFigure,
  type FigureOptions,
  type FigureRow,
  type LegendEntry,
} from "./figure.js";
export { gridPanel, type GridOptions } from "./grid.js";
export { palette, styles, type Style } from "./palette.js";
export type { Panel, PanelOptions } from "./panel.js";
export { recoveryPanel, type RecoveryOptions } from "./recovery.js";
