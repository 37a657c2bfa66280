export {
  contractionPanel,
  coveragePanel,
  rankHistogramPanel,
  ranksPanel,
  recoveryOf,
} from "./calibration.js";
export {
  confusionFigure,
  confusionPanel,
  informationPanel,
  probabilityPanel,
  type DesignGain,
  type InformationOptions,
} from "./compared-models.js";
export { contourPanel, type ContourOptions } from "./contour.js";
export { curvesPanel, type Band, type Curve, type CurvesOptions } from "./curves.js";
export { densityPanel, type DensityCurve, type DensityOptions } from "./density.js";
export { diagnosisFigure } from "./diagnosis.js";
export { diagnosisReport, type DiagnosisReportOptions } from "./diagnosis-report.js";
export {
  figure,
  saveFigure,
  type FigureOptions,
  type FigureRow,
  type LegendEntry,
} from "./figure.js";
export {
  gridKey,
  gridPanel,
  type GridAxes,
  type GridKeyOptions,
  type GridOptions,
} from "./grid.js";
export { histogramPanel, type HistogramOptions } from "./histogram.js";
export { kernelDensity, type KernelDensityOptions } from "./kernel-density.js";
export { lossFigure } from "./loss-history.js";
export { modelCard, type ModelCardOptions } from "./model-card.js";
export { escapeHtml, htmlFigure, htmlPage, htmlTable } from "./page.js";
export { pairsFigure, type PairsOptions } from "./pairs.js";
export { palette, styles, type Style } from "./palette.js";
export { edgesOf, type Panel, type PanelOptions } from "./panel.js";
export type { MarkedPoint } from "./point.js";
export { predictiveFigure } from "./predictive.js";
export { recoveryPanel, type RecoveryOptions } from "./recovery.js";
export { modelCheckFigure } from "./model-check.js";
