// Writes src/api/schema.d.ts from an OpenAPI document: `npm run api [-- FILE]`, by default openapi.json beside package.json.
import { existsSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const source = process.argv[2] ?? "openapi.json";
if (!existsSync(source)) {
  process.stderr.write(`there is no ${source}: export it from the server with \`cargo x openapi\`, or name another file\n`);
  process.exit(2);
}
const types = astToString(await openapiTS(pathToFileURL(source), { alphabetize: true, defaultNonNullable: false }));
writeFileSync(
  new URL("../src/api/schema.d.ts", import.meta.url),
  `// Generated from the OpenAPI document by \`npm run api\`. Not committed, not edited.\n${types}`,
);
