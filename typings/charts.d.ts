// What charts are told. A chart of `charts/` is a Spec.
type Span = [low: number, high: number];
type Values = (number | null)[];
type Plot = import("uplot");
type Rows = import("../gluten/webui/static/js/lib/rows.js").Rows;
type Format = (value: number) => string;

// Seconds of one run, or of many.
interface Seconds {
  axis(): number[];
  isWhole(second: number): boolean;
}

// One line. `shown` is what its key shows, where that is not what is drawn; `band`: filled down to the line before it. `isBare`: the
// chart paints it itself.
interface Line {
  label: string;
  color: string;
  values: Values;
  shown?: Values;
  fill?: number;
  dash?: number[];
  width?: number;
  band?: boolean;
  isBare?: boolean;
}

// Where what stands along x is not seconds.
interface Across {
  range(): Span;
  splits(plot: Plot, axis: number, low: number, high: number): number[];
  mark: Format;
}

// An event in a chart: `word` stands there, the pointer brings `text`.
interface Mark {
  second: number;
  ink: string;
  word: string;
  text: string;
}

type Shade = [count: number, opacity: number];

interface Spec<Source extends Seconds = any> {
  id: string;
  title: string;
  unit?: string;
  none?: string;
  format: Format;
  log?: boolean;
  always?: "log";
  isBytes?: boolean;
  across?: Across;
  top?(high: number): number;
  span?(rows: Source): Span;
  // What lies under the lines.
  paint?(plot: Plot, rows: Source, axis: number[], color: string): void;
  // What lies on them.
  over?(plot: Plot, rows: Source, view: Span | null): void;
  // Values along x that are no seconds. The chart is then not zoomed with the others.
  own?(rows: Source, axis: number[]): number[];
  // What is painted under the pointer, in words, and what the colours stand for.
  cell?(plot: Plot): string;
  shades?(plot: Plot): Shade[];
  series(rows: Source, axis: number[]): Line[];
}

// What a chart sees of the group that it is in.
interface ChartGroup {
  key: string;
  rows: Seconds;
  axis: number[];
  marks: Mark[];
  ended: boolean;
  folds: boolean;
  look: import("../gluten/webui/static/js/charts/parts/look.js").Look;
  readonly view: Span | null;
  life: AbortController;
  readonly settledIndex: number;
  readonly whole: Span;
  readonly least: number;
  range(): Span;
  redraw(): void;
  select(plot: Plot): void;
  zoom(view: Span | null, pause?: number): void;
}

// [highest value of a slot, count], rising.
type Histogram = [value: number, count: number][];

interface Laid {
  label: string;
  color: string;
  report: Report;
}

interface Curve {
  label: string;
  color: string;
  pairs: Histogram;
  dash?: number[];
}
