// What the master answers, as far as the pages read it. gluten/webui/api/schemas.py has the whole of it.
type Maybe<T> = T | null | undefined;
type Counts = Record<string, number>;

interface Task {
  url: string;
  threads: number | null;
  connections: number | null;
  duration: number | null;
  requests: number | null;
  rate: number | null;
  stages: [second: number, rate: number][];
  method: string;
  body: string;
  headers: [name: string, value: string][];
  timeout: number;
  keepalive: boolean;
  http2?: boolean;
  streams?: number;
  redirects?: number | null;
  insecure: boolean;
  secret: boolean;
  cacert: string;
  cert: string;
  key: string;
  resolve: string[];
  max_body: number;
  name: string;
  on_loss: string;
  split: string;
  seed: number;
  slo: string[];
  slo_sure: boolean;
  trace: boolean;
  arrivals?: string;
  ramp?: number | null;
  pace?: number | null;
  warmup?: number | null;
  drain?: number | null;
  find_capacity?: boolean;
  search_from?: number | null;
  search_to?: number | null;
  precision?: number;
  hold?: number;
  at_least?: number | null;
  workload: string;
  env: Record<string, string>;
  files: Record<string, string>;
  outranking?: string[];
}

interface Problem {
  field: string;
  message: string;
}

interface TaskCheck {
  ok: boolean;
  errors: Problem[];
  command: string;
  task?: Task;
  planned?: number | null;
  plan?: WorkloadPlan | null;
}

// What came of sending each request of a task once.
interface Trial {
  good: boolean;
  requests: TriedRequest[];
  reason: string;
}

interface TriedRequest {
  request: string;
  good: boolean;
  sent: Failure["sent"];
  answer: Failure["answer"];
  error: { kind: string; text: string } | null;
  time: number | null;
  checks: { check: string; holds: boolean }[];
  taken: Record<string, string>;
  session: string;
  pause: number;
  ended: boolean;
}

// What a workload file would do.
interface WorkloadPlan {
  block: number;
  requests: (Planned & { method: string; checks: number })[];
  scenarios: (Planned & { requests: number; seconds: number })[];
  feeds: { name: string; file: string; pick: string }[];
  files: string[];
}

// A request or a scenario. Its weight is null where sessions are something else.
interface Planned {
  name: string;
  weight: number | null;
  of_block: number | null;
  share: number | null;
}

// What became of requests: of a run, a second, a node, a window.
interface Outcomes {
  completed?: number;
  failed?: number;
  good?: number | null;
  status?: Counts;
}

interface Verdict {
  value: string;
  reasons: string[];
  notes?: string[];
}

// How an SLO stands.
interface Slo {
  slo: string;
  state: string;
  value: number | null;
  limit: number;
  sure: boolean | null;
  since: number | null;
  unit: string;
  request?: string;
}

// One window of a search at one rate, from run-second `from` to `to`. Times are in microseconds, `errors` is a share.
interface CapacityTrial {
  rate: number;
  from: number;
  to: number;
  state: "holds" | "misses" | "undecided";
  slo: string | null;
  p50: number;
  p95?: number;
  p99: number;
  errors: number;
  in_flight: number;
}

// What a search for the capacity has found, as far as it has come. Rates are sessions/s, or requests/s.
interface Capacity {
  unit: string;
  holds: number | null;
  misses: number | null;
  confidence: number;
  precision: number;
  limit: "target" | "generator" | "asked" | null;
  node: string | null;
  slo: string | null;
  recovers: boolean | null;
  moved: boolean;
  trials: CapacityTrial[];
  text: string;
  recovery?: number;
}

// A named request of a run, as far as the run has come.
interface RequestFigures {
  name: string;
  sent: number;
  completed: number;
  good: number;
  failed: number;
  dropped: number;
  in_flight: number;
  rate: number;
  p50: number;
  p95: number;
  p99: number;
  checks_passed: number;
  checks_failed: number;
  skipped?: number;
}

// The times of sessions or of a group.
interface Timed {
  p50: number;
  p95: number;
  p99: number;
}

interface SessionCounts {
  begun: number;
  finished: number;
  ended: number;
  cut: number;
  dropped: number;
  good: number;
}

// The sessions of a run, as far as the run has come.
interface SessionFigures extends SessionCounts, Timed {
  active: number;
  rate: number;
}

interface ScenarioFigures extends SessionFigures {
  name: string;
}

interface GroupFigures extends Timed {
  name: string;
  count: number;
}

interface Run {
  id: string;
  who?: string;
  waits?: string;
  number: number;
  name: string;
  state: string;
  reason: string;
  url: string;
  created_at: string;
  started_at: string | null;
  asked_duration: number | null;
  elapsed: number;
  duration: number | null;
  asked_rate: number | null;
  rate: number;
  task: Task;
  sent: number;
  completed: number;
  good: number | null;
  failed: number;
  dropped: number;
  in_flight: number;
  backlog: number;
  connections: number;
  hint: string;
  notice?: string;
  p50: number | null;
  p95?: number | null;
  p99: number | null;
  by_request?: RequestFigures[];
  sessions?: SessionFigures | null;
  by_scenario?: ScenarioFigures[];
  groups?: GroupFigures[];
  verdict: Verdict | null;
  slo?: Slo[];
  capacity?: Capacity | null;
  version: number;
  queue: number | null;
  summary?: { spark?: number[] };
}

interface Share {
  completed?: number;
  cpu?: number;
}

interface Row {
  second: number;
  version?: number;
  asked: number | null;
  completed: number;
  good: number | null;
  failed: number;
  dropped: number;
  drain?: boolean;
  in_flight: number;
  connections: number;
  backlog: number;
  p50: number;
  p90: number;
  p95?: number;
  p99: number;
  p99_9: number;
  max: number;
  service_p50: number;
  service_p99: number;
  lateness_p99: number;
  lag_p99: number;
  cpu?: number;
  host_cpu?: number;
  steal?: number;
  read?: number;
  written?: number;
  heat?: number[];
  status: Counts;
  errors: Counts;
  nodes?: Record<string, Share>;
  by_request?: Record<string, Partial<Row>>;
  begun?: number;
  active?: number;
  most_active?: number;
  sessions_dropped?: number;
}

interface RunEvent {
  at: string;
  second: number | null;
  kind: string;
  text: string;
}

interface Update {
  run: Run;
  rows: Row[];
  events: RunEvent[];
  final: boolean;
  more?: boolean;
}

interface Deed {
  at: string;
  action: string;
  way: string;
  role: string;
  address: string;
  who: string;
  detail: string;
}

interface Baseline {
  name: string;
  run: string;
  number: number;
}

interface ClusterNode {
  name: string;
  role: string;
  state: string;
  cores: number;
  cpu: number;
  cpu_history?: number[];
  version: string;
  python: string;
  address: string;
  rpc_port: number | null;
  age: number;
  run: string | null;
  load: boolean;
}

interface ClusterCounts {
  nodes: number;
  cores: number;
  cpu: number | null;
  versions: string[];
  states: Counts;
}

interface Overview {
  current: Run | null;
  spark: number[];
  queued: Run[];
  nodes: ClusterNode[];
  counts: ClusterCounts;
  runs: Run[];
  notice?: string;
  next: number | null;
}

// Microseconds by the percentile's name, and all of them as a histogram.
interface Times {
  hdr?: string;
  [percentile: string]: any;
}

interface Connections {
  limit: number | null;
  most: number;
  opened: number;
}

interface PlanPart {
  name: string;
  rate: number | null;
  requests: number | null;
}

interface ReportNode {
  name: string;
  lost: boolean;
  cores: number;
  threads: number;
  connections: number | null;
  completed: number;
  failed: number;
  achieved?: number;
  asked: number | null;
  cpu: number;
  host_cpu: number;
  steal: number;
  lateness_p99: number | null;
  lag_p99: number | null;
  start_skew: number | null;
}

interface Requests {
  planned: number | null;
  sent: number;
  completed: number;
  good?: number | null;
  failed: number;
  in_flight: number;
  dropped: number;
  skipped?: number;
}

interface Failure {
  request: string;
  kind: string;
  second: number;
  node: string;
  count: number;
  sent: { method: string; url: string; headers: [name: string, value: string][]; body: string };
  answer: { status: number; headers: [name: string, value: string][]; body: string } | null;
  text: string;
  trace: string | null;
}

interface Slowest {
  second: number;
  request: string;
  time: number;
  node: string;
  trace: string;
}

// A named request in a report.
interface Named extends Requests {
  name: string;
  rate: number;
  response_time: Times;
  checks: { check: string; passed: number; failed: number }[];
}

// The sessions of a run in its report. `planned` is null in a closed loop.
interface SessionTotals extends SessionCounts {
  planned: number | null;
  active: number;
  most: number;
  time: Times;
}

// What a typical session does: a request by its name, or a pause of so many seconds, and how often.
interface Step {
  step: string | null;
  pause: number;
  times: number;
}

interface Scenario extends SessionCounts {
  name: string;
  planned: number | null;
  time: Times;
  steps?: Step[];
}

interface Report {
  id: string;
  number: number;
  state: string;
  duration: number;
  rate: number;
  requests: Requests;
  status: Counts;
  errors: Counts;
  samples?: Record<string, string>;
  bytes: { read: number; written: number };
  response_time: Times;
  service_time: Times;
  first_byte?: Times;
  by_request?: Named[];
  sessions?: SessionTotals | null;
  by_scenario?: Scenario[];
  failures?: Failure[];
  slowest?: Slowest[];
  connections?: Connections;
  plan?: PlanPart[];
  seconds: Row[];
  nodes: ReportNode[];
  verdict: Verdict;
  slo?: Slo[];
  capacity?: Capacity | null;
}

interface Difference {
  what: string;
  a: number;
  b: number;
  change: number;
  regression: number;
  exceeds_noise: boolean | null;
  judged?: boolean;
}

interface Pair {
  headline: string;
  differences: Difference[];
  unlike: string[];
  by_request?: { name: string; differences: Difference[] }[];
  by_scenario?: { name: string; differences: Difference[] }[];
}

interface WindowFigures extends Outcomes {
  sessions?: SessionTotals | null;
  rate: number;
  completed: number;
  response_time: Times;
}
