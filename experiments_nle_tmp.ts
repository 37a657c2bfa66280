import { simulate, train, nle } from "amortis";
import { tasks } from "@amortis/sbibm";
const N = Number(process.argv[2] ?? 1000);
for (const name of (process.argv[3] ?? "").split(",")) {
  const model = (tasks as any)[name];
  const data = await simulate(model, { simulations: N, seed: 2, workers: 0 });
  const fresh = await simulate(model, { simulations: 2000, seed: 1_000_000_007, workers: 0 });
  const z = Object.values(data.data).reduce((s: number, a: any) => s + a.length / N, 0);
  const rule = 3;
  const out: string[] = [];
  let first: Float64Array | undefined;
  for (const decay of [1, rule]) {
    const t = process.cpuUsage();
    const e: any = await train(
      nle(model) as any,
      { weightDecay: (decay * 1000) / N, data, seed: 1, threads: 1, onWarning: () => {} } as any,
    );
    const u = process.cpuUsage(t);
    const key = Object.keys(fresh.data)[0]!;
    const a = fresh.data[key] as any;
    const k = a.length / 2000;
    const target = await e.target({
      [key]: Array.from({ length: 2000 }, (_, i) => Array.from(a.subarray(i * k, (i + 1) * k))),
    });
    const theta = Float64Array.from(fresh.parameters);
    const p = theta.length / 2000;
    const ld = await target.logDensity(theta, 0, 2000);
    const v = Float64Array.from(
      { length: 2000 },
      (_, i) => -(ld[i]! - model.logPrior(theta.slice(i * p, (i + 1) * p))),
    );
    const m = v.reduce((x, y) => x + y, 0) / 2000;
    let se = 0;
    if (first) {
      const d = v.map((x, i) => x - first![i]!);
      const md = d.reduce((x, y) => x + y, 0) / 2000;
      se = Math.sqrt(d.reduce((x, y) => x + (y - md) ** 2, 0) / 2000 / 2000);
    } else first = v;
    out.push(
      `decay ${decay.toFixed(2)}: ${m.toFixed(3)}${se ? ` (diff ${(m - first.reduce((x, y) => x + y, 0) / 2000).toFixed(3)} +- ${se.toFixed(3)})` : ""} cpu ${((u.user + u.system) / 1e6).toFixed(0)}`,
    );
    await e.release();
  }
  console.log(name, N, out.join(" | "));
}
process.exit(0);
