/**
 * The JSON Schema of the manifest of an estimator's file, from the schemas that read it.
 *
 *     npx tsx packages/amortis/scripts/estimator-schema.ts     # writes docs/estimator-file.schema.json
 */
import { writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { manifestSchema } from "../src/files/container.js";
import { FORMAT, VERSION } from "../src/estimators/contents.js";
import { detailsSchema } from "../src/estimators/details.js";
import { answerKinds, findKind } from "../src/estimators/kinds.js";
import type { JsonSchema } from "../src/schema/schema.js";

/** Where the schema is published. */
export const PUBLISHED = new URL("../../../docs/estimator-file.schema.json", import.meta.url);

/** What the fields are, for people: by their path in the manifest. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  format: "What kind of file it is.",
  version: "Version of the format. A reader refuses versions later than it knows.",
  parts: "The other files of the archive, each with its length and the SHA-256 of its bytes.",
  content: "What the estimator is, how it was made, and how good it is.",
  "content.created": "Who wrote the file, when (ISO 8601, UTC), and with what software.",
  "content.method": "The method that trained it: npe, nbe, nre ...",
  "content.model": "What the model says of parameters and data.",
  "content.model.name": "The model's name.",
  "content.model.parameters":
    "Parameters in the order of the flat parameter vector, with prior, support (null is unbounded), and unit and description where the model gives them.",
  "content.model.data":
    "Arrays of a data set by name: what they are, the roles of their axes and their sizes (of one that varies the largest), and unit and description where the model gives them.",
  "content.description": "Architecture: networks, densities and options of the method.",
  "content.answers": "What the programs answer, by a kind of answer.",
  "content.standardization":
    "Moments of data and parameters, and the training distribution of the summaries: their range, mean, factor of the covariance, and distances of simulations held out.",
  "content.training":
    "Settings with the seed, simulations, losses of each epoch, seconds, and what became of invalid simulations.",
  "content.variables":
    "Weights in the order in which weights.bin has them: little-endian float32, row-major.",
  "content.programs": "Names of the programs: programs/NAME.onnx, whose weights are inputs.",
  "content.calibration": "How it answers simulations that were held out of training.",
};

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The same schema with the descriptions of what lies below a path. */
function described(schema: JsonSchema, path: string): JsonSchema {
  const description = DESCRIPTIONS[path];
  const { properties } = schema;
  return {
    ...(description !== undefined && { description }),
    ...schema,
    ...(isSchema(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [
          name,
          isSchema(inner) ? described(inner, path === "" ? name : `${path}.${name}`) : inner,
        ]),
      ),
    }),
  };
}

function withProperties(schema: JsonSchema, others: JsonSchema): JsonSchema {
  const { properties } = schema;
  return { ...schema, properties: { ...(isSchema(properties) && properties), ...others } };
}

/** The schema of a manifest of this version. */
export async function estimatorSchema(): Promise<JsonSchema> {
  const kinds = await Promise.all(
    answerKinds.map(async (name) => {
      const schema = (await findKind(name))?.schema.jsonSchema() ?? {};
      return withProperties(schema, { kind: { const: name } });
    }),
  );
  const content = withProperties(detailsSchema.jsonSchema(), { answers: { oneOf: kinds } });
  const manifest = withProperties(manifestSchema.jsonSchema(), {
    format: { const: FORMAT },
    version: { const: VERSION },
    content,
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Manifest of an Amortis estimator file",
    ...described({ ...manifest, required: ["format", "version", "parts", "content"] }, ""),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(PUBLISHED, `${JSON.stringify(await estimatorSchema(), undefined, 1)}\n`);
}
