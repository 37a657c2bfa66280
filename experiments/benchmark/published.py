"""Writes src/published-scores.ts from the collected published scores.

    python published.py PUBLISHED.json && npm run format
"""
import json
import sys
from pathlib import Path

published = json.load(open(sys.argv[1]))
TASKS = (
    "gaussian_linear gaussian_linear_uniform slcp slcp_distractors bernoulli_glm bernoulli_glm_raw gaussian_mixture two_moons sir lotka_volterra"
).split()
BUDGETS = ["1000", "10000", "100000"]

main = dict(published["lueckmann2021_main_paper"]["values"])
# The first values of this task come of a fault in its simulator.
main["gaussian_mixture"] = published["gaussian_mixture_rerun_2024"]["values"]["gaussian_mixture"]

curves = []


def add(classifier, method, source, values, each=None):
    curves.append({"classifier": classifier, "method": method, "source": source, "scores": values, "each": each})


PAPER = "Lueckmann et al. 2021"
for method in ("NPE", "NLE", "NRE", "SNPE", "SNLE"):
    values = {task: [round(main[task][method][n]["mean"], 4) for n in BUDGETS] for task in TASKS}
    each = {task: [main[task][method][n]["per_observation"] for n in BUDGETS] for task in TASKS} if method == "NPE" else None
    add("mlp", method, PAPER, values, each)
pf = published["npe_pf_2025"]["values"]
for method, key in (
    ("NPE", "NPE (sbi 0.23.3, NSF 5x50, batch 200)"),
    ("NLE", "NLE (MAF)"),
    ("NPE-PF", "NPE-PF (filtered, paper method)"),
):
    values = {}
    for task in TASKS:
        found = pf.get(task, {}).get(key, {})
        values[task] = [found[n]["mean"] if n in found else None for n in BUDGETS]
    add("forest", method, "Vetter et al. 2025", values)
simformer = published["simformer_2024_digitised"]["values_vesde"]
for method in ("Simformer", "NPSE"):
    values = {task: [simformer[task][method][n] for n in BUDGETS] for task in TASKS if task in simformer}
    add("forest", method, "Gloeckler et al. 2024", values)

lines = [
    "/**",
    " * Published C2ST of other methods, by task, at 1,000, 10,000 and 100,000 simulations; written by published.py.",
    " *",
    " * Lueckmann, Boelts, Greenberg, Goncalves and Macke (2021), arXiv 2101.04653, with the run of gaussian_mixture again of 2024: perceptron; Vetter et",
    " * al. (2025), arXiv 2504.17660, and Gloeckler et al. (2024), arXiv 2404.09636, the latter read off its figure: random forest. Means over ten",
    " * observations.",
    " */",
    "",
    "/** A method's scores. */",
    "export interface PublishedMethod {",
    '  readonly classifier: "mlp" | "forest";',
    "  readonly method: string;",
    "  readonly source: string;",
    "  /** By task, at each budget; undefined where there is none. */",
    "  readonly scores: Readonly<Record<string, readonly (number | undefined)[]>>;",
    "  /** By task, at each budget, of the observations 1 to 10. */",
    "  readonly each?: Readonly<Record<string, readonly (readonly number[])[]>>;",
    "}",
    "",
    "/** Simulations that published scores are of. */",
    "export const BUDGETS = [1_000, 10_000, 100_000] as const;",
    "",
    "/** Published scores. */",
    "export const PUBLISHED: readonly PublishedMethod[] = [",
]
for curve in curves:
    lines.append("  {")
    for key in ("classifier", "method", "source"):
        lines.append(f"    {key}: {json.dumps(curve[key])},")
    lines.append("    scores: {")
    for task, values in curve["scores"].items():
        if any(value is not None for value in values):
            lines.append(f"      {task}: [{', '.join('undefined' if v is None else str(v) for v in values)}],")
    lines.append("    },")
    if curve["each"]:
        lines.append("    each: {")
        for task, budgets in curve["each"].items():
            rows = ", ".join("[" + ", ".join(str(round(v, 4)) for v in row) + "]" for row in budgets)
            lines.append(f"      {task}: [{rows}],")
        lines.append("    },")
    lines.append("  },")
lines.append("];")
(Path(__file__).parent / "src/published-scores.ts").write_text("\n".join(lines) + "\n")
