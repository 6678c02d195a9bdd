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

// One line. `shown` is what its key shows, where that is not what is drawn; `band`: filled down to the line before it.
interface Line {
  label: string;
  color: string;
  values: Values;
  shown?: Values;
  fill?: number;
  dash?: number[];
  width?: number;
  band?: boolean;
}

// Where what stands along x is not seconds.
interface Across {
  range(): Span;
  splits(plot: Plot, axis: number, low: number, high: number): number[];
  mark: Format;
}

interface Spec<Source extends Seconds = any> {
  id: string;
  title: string;
  unit?: string;
  none?: string;
  format: Format;
  log?: boolean;
  always?: "log";
  across?: Across;
  top?(high: number): number;
  span?(rows: Source): Span;
  // What lies under the lines.
  paint?(plot: Plot, rows: Source, axis: number[], color: string): void;
  // What lies on them.
  over?(plot: Plot, rows: Source): void;
  series(rows: Source, axis: number[]): Line[];
}

// What a chart sees of the group that it is in.
interface ChartGroup {
  key: string;
  rows: Seconds;
  axis: number[];
  events: RunEvent[];
  ended: boolean;
  view: Span | null;
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
