// Reads the OpenAPI document and shows it. Text is only ever set as text.
const METHODS = ["get", "post", "put", "patch", "delete"];

function make(name, content = [], properties = {}) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...[content].flat());
  return element;
}

/** A schema as short text: `{name: string, tags?: [string]}`, references by name, opened once. */
function shape(api, schema, depth = 0) {
  if (!schema) return "nothing";
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop();
    const known = api.components?.schemas?.[name];
    return depth > 2 || !known ? name : shape(api, known, depth);
  }
  const several = schema.oneOf ?? schema.anyOf;
  if (several) return several.map((one) => shape(api, one, depth + 1)).join(" | ");
  if (schema.allOf) return schema.allOf.map((one) => shape(api, one, depth)).join(" & ");
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  const types = [schema.type ?? "any"].flat();
  const text = types.map((type) => {
    if (type === "array") return `[${shape(api, schema.items, depth + 1)}]`;
    if (type !== "object" || !schema.properties) return schema.format ? `${type} (${schema.format})` : type;
    const pad = "  ".repeat(depth + 1);
    const fields = Object.entries(schema.properties).map(([name, field]) => {
      const optional = schema.required?.includes(name) ? "" : "?";
      const told = field.description ? `  // ${field.description.split("\n")[0]}` : "";
      return `${pad}${name}${optional}: ${shape(api, field, depth + 1)}${told}`;
    });
    return `{\n${fields.join("\n")}\n${"  ".repeat(depth)}}`;
  });
  return text.join(" | ");
}

function body(api, title, content) {
  return Object.entries(content ?? {}).flatMap(([type, { schema }]) => [
    make("h3", `${title} · ${type}`),
    make("pre", shape(api, schema)),
  ]);
}

function parameters(api, list) {
  if (!list?.length) return [];
  const rows = list.map((one) =>
    make("tr", [
      make("td", make("code", one.name)),
      make("td", `${one.in}${one.required ? "" : ", optional"}`),
      make("td", shape(api, one.schema)),
      make("td", one.description ?? ""),
    ]),
  );
  return [make("h3", "Parameters"), make("table", make("tbody", rows))];
}

function responses(api, all) {
  return Object.entries(all ?? {}).flatMap(([status, { description, content }]) => {
    const failure = content?.["application/problem+json"];
    if (failure) return [make("p", [make("code", status), ` ${description}`])];
    return [make("p", [make("code", status), ` ${description ?? ""}`]), ...body(api, "Answer", content)];
  });
}

function operation(api, path, method, it) {
  const open = it.security?.some((one) => Object.keys(one).length === 0);
  const summary = make("summary", [
    make("span", method.toUpperCase(), { className: "method" }),
    make("span", path, { className: "path" }),
    ...(open ? [make("span", "no sign-in", { className: "public" })] : []),
    make("span", it.summary ?? "", { className: "what" }),
  ]);
  const details = make("details", summary, { id: it.operationId ?? "" });
  details.dataset.text = `${method} ${path} ${it.summary ?? ""} ${it.operationId ?? ""}`.toLowerCase();
  // Filled when it is opened: most never are.
  details.addEventListener(
    "toggle",
    () =>
      details.append(
        make("div", [
          ...(it.description ? [make("p", it.description)] : []),
          ...parameters(api, it.parameters),
          ...body(api, "Body", it.requestBody?.content),
          make("h3", "Answers"),
          ...responses(api, it.responses),
        ]),
      ),
    { once: true },
  );
  return details;
}

function show(api) {
  document.querySelector("#about").textContent = `${api.info.title} ${api.info.version}. ${api.info.description ?? ""}`;
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS.filter((one) => item[one])) {
      const tag = item[method].tags?.[0] ?? "other";
      groups.set(tag, [...(groups.get(tag) ?? []), operation(api, path, method, item[method])]);
    }
  }
  const sections = [...groups].sort().map(([tag, all]) => make("section", [make("h2", tag), ...all]));
  document.querySelector("#all").replaceChildren(...sections);
  document.querySelector("#find").addEventListener("input", ({ target }) => {
    const words = target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const section of sections) {
      const all = [...section.querySelectorAll("details")];
      for (const one of all) one.hidden = !words.every((word) => one.dataset.text.includes(word));
      section.hidden = all.every((one) => one.hidden);
    }
  });
  const asked = document.getElementById(location.hash.slice(1));
  if (asked instanceof HTMLDetailsElement) {
    asked.open = true;
    asked.scrollIntoView();
  }
}

try {
  const answer = await fetch("/api/v1/openapi.json");
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  show(await answer.json());
} catch (why) {
  document.querySelector("#about").textContent = `The document could not be loaded: ${why.message}. Try again.`;
}
