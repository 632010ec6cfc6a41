"use strict";
/* The editor of /query: a query typed or chosen, completed, run on /sparql, shown as a table. What comes from the graph is put
   into the page as text nodes only. */
(() => {
  const byId = (id) => document.getElementById(id);
  const page = document.querySelector(".ask");
  const words = JSON.parse(page.dataset.words);
  const prefixes = JSON.parse(page.dataset.prefixes);
  const { base, lang } = page.dataset;
  const STEP = 200; // rows drawn at a time
  const FIRST = "SELECT ?who ?relation ?whom {\n  ?claim rdf:subject ?a ; rdf:predicate ?relation ; rdf:object ?b ; kg:status kg:asserted .\n  ?a rdfs:label ?who .\n  ?b rdfs:label ?whom .\n}\nORDER BY ?who\nLIMIT 100\n";
  const el = (tag, attributes, ...children) => {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (key === "on") for (const [event, run] of Object.entries(value)) made.addEventListener(event, run);
      else if (value === true) made.setAttribute(key, "");
      else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
    }
    made.append(...children.filter((c) => c !== null && c !== undefined));
    return made;
  };

  const editor = CodeMirror.fromTextArea(byId("sparql"), {
    mode: "application/sparql-query", lineNumbers: true, matchBrackets: true, autoCloseBrackets: true, viewportMargin: Infinity, indentUnit: 2,
    extraKeys: { "Ctrl-Enter": () => run(), "Cmd-Enter": () => run(), "Ctrl-Space": () => complete(), Tab: false, "Shift-Tab": false },
  });
  editor.getInputField().setAttribute("aria-label", words.editor);

  // --- completion ----------------------------------------------------------------------------------------------------

  const KEYWORDS = "SELECT DISTINCT CONSTRUCT DESCRIBE ASK WHERE FILTER OPTIONAL UNION MINUS BIND VALUES GROUP BY ORDER BY ASC DESC HAVING LIMIT OFFSET EXISTS NOT AS IN".split(" ");
  const FUNCTIONS = "COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT STR LANG DATATYPE BOUND IF COALESCE CONTAINS STRSTARTS STRENDS STRAFTER STRBEFORE REGEX REPLACE LCASE UCASE STRLEN SUBSTR CONCAT YEAR MONTH DAY ABS ROUND isIRI isLiteral".split(" ");
  const COMMON = ["rdf:type", "rdf:subject", "rdf:predicate", "rdf:object", "rdfs:label", "skos:altLabel", "owl:sameAs", "kg:status", "kg:confidence", "kg:date", "kg:from", "kg:to", "kg:amount", "kg:share", "kg:role", "kg:rule", "kg:asserted", "kg:planned", "kg:rumoured", "kg:denied", "kg:Claim", "kg:Evidence", "kg:Brief", "kg:key", "prov:wasDerivedFrom", "oa:hasSource", "oa:hasSelector", "oa:exact", "schema:text", "schema:value", "schema:currency", "dct:date", "dct:title", "dct:source"];
  let terms = COMMON.map((name) => ({ name, note: "" }));
  fetch("/terms.json").then((r) => r.json()).then((found) => {
    const known = new Set(found.map((t) => t.name));
    terms = [...found.map((t) => ({ name: t.name, note: `${t[lang]} · ${words[t.kind]}` })), ...COMMON.filter((name) => !known.has(name)).map((name) => ({ name, note: "" }))];
  }).catch(() => {});
  const fold = (s) => s.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const proposal = (text, note) => ({ text, render: (li) => { li.append(text); if (note) li.append(el("small", {}, note)); } });

  async function hints(cm) {
    const at = cm.getCursor();
    const before = cm.getLine(at.line).slice(0, at.ch);
    const word = /(?:[?$]|<|")?[\p{L}\p{N}_:.-]*$/u.exec(before)[0];
    const from = CodeMirror.Pos(at.line, at.ch - word.length);
    const wanted = fold(word.replace(/^["<]/, ""));
    let list;
    if (/^[?$]/.test(word)) {
      const variables = new Set((cm.getValue().match(/[?$][\p{L}\p{N}_]+/gu) || []).filter((v) => v !== word));
      list = [...variables].filter((v) => v.slice(1).startsWith(word.slice(1))).sort().map((v) => proposal(v, words.variable));
    } else if (/^["<]/.test(word) || /^\p{Lu}\p{Ll}/u.test(word)) {
      list = (await entities(word.replace(/^["<]/, ""))).map((e) => ({ ...proposal(`<${e.iri}>`, ""), render: (li) => { li.append(e.label, el("small", {}, e.iri.replace(base, ""))); } }));
    } else {
      const fits = (s) => fold(s).includes(wanted);
      const rank = (p) => (fold(p.text).startsWith(wanted) ? 0 : fold(p.text.split(":").pop()).startsWith(wanted) ? 1 : 2);
      list = [
        ...terms.filter((t) => wanted && (fits(t.name) || fits(t.note))).map((t) => proposal(t.name, t.note)),
        ...KEYWORDS.filter((k) => fold(k).startsWith(wanted)).map((k) => proposal(k, "")),
        ...FUNCTIONS.filter((f) => wanted && fold(f).startsWith(wanted)).map((f) => proposal(`${f}(`, words.function)),
        ...Object.keys(prefixes).filter((p) => fold(`${p}:`).startsWith(wanted)).map((p) => proposal(`${p}:`, prefixes[p])),
      ].sort((a, b) => rank(a) - rank(b)).slice(0, 60);
    }
    return { list, from, to: at };
  }
  const complete = () => editor.showHint({ hint: hints, completeSingle: false, closeCharacters: /[\s()[\]{};>,]/ });
  editor.on("inputRead", (cm, change) => {
    if (change.origin === "+input" && /[?$:<\p{L}]/u.test(change.text[0]) && !cm.state.completionActive) complete();
  });

  /* entities whose name or alias holds these words, the shortest names first */
  async function entities(text) {
    if (text.trim().length < 2) return [];
    const quoted = JSON.stringify(text.toLowerCase());
    const query = `SELECT DISTINCT ?iri ?label { ?iri rdfs:label|skos:altLabel ?name ; rdfs:label ?label FILTER(CONTAINS(LCASE(?name), ${quoted})) } ORDER BY STRLEN(?label) ?label LIMIT 12`;
    try {
      const answer = await (await fetch("/sparql", { method: "POST", headers: { "content-type": "application/sparql-query", accept: "application/sparql-results+json" }, body: query })).json();
      return answer.results.bindings.map((b) => ({ iri: b.iri.value, label: b.label.value }));
    } catch { return []; }
  }

  // --- named queries and their parameters ----------------------------------------------------------------------------

  const dl = document.querySelector("#prefixes dl");
  for (const [prefix, iri] of Object.entries(prefixes)) dl.append(el("dt", {}, `${prefix}:`), el("dd", {}, iri));
  document.addEventListener("click", (event) => { if (!byId("prefixes").contains(event.target)) byId("prefixes").open = false; });
  let named = new Map();
  function choose(name) {
    const query = named.get(name);
    byId("help").hidden = !query;
    if (!query) return askFor([]);
    byId("help").textContent = query.help;
    editor.setValue(query.sparql);
    askFor(query.parameters);
  }
  function askFor(parameters, values = {}) {
    const fields = parameters.map((p) => {
      let field;
      if (p.type === "status") field = el("select", { name: p.name }, el("option", { value: "" }, "—"), ...["asserted", "planned", "rumoured", "denied"].map((s) => el("option", { value: `kg:${s}` }, words[s])));
      else field = el("input", { name: p.name, type: "text", autocomplete: "off", spellcheck: "false", list: p.type === "entity" ? `list-${p.name}` : null, placeholder: p.optional ? words.optional : null });
      field.dataset.type = p.type;
      field.value = values[p.name] || "";
      field.addEventListener("keydown", (event) => { if (event.key === "Enter") run(); });
      const list = p.type === "entity" ? el("datalist", { id: `list-${p.name}` }) : null;
      if (list) field.addEventListener("input", async () => list.replaceChildren(...(await entities(field.value)).map((e) => el("option", { value: e.label }))));
      return el("label", { title: p.help }, el("code", {}, `?${p.name}`), field, list);
    });
    byId("parameters").replaceChildren(...fields);
    byId("parameters").hidden = fields.length === 0;
  }
  function bindings() {
    const found = {};
    for (const field of byId("parameters").querySelectorAll("input, select")) {
      const value = field.value.trim();
      if (value) found[`$${field.name}`] = field.dataset.type === "text" ? `"${value}"` : value;
    }
    return found;
  }
  byId("named").addEventListener("change", (event) => choose(event.target.value));
  const ready = fetch("/queries.json").then((r) => r.json()).then((list) => {
    named = new Map(list.map((q) => [q.name, q]));
    byId("named").append(...list.map((q) => el("option", { value: q.name, title: q.help }, q.name)));
  }).catch(() => {});

  // --- running -------------------------------------------------------------------------------------------------------

  let running = null;
  async function run() {
    if (running) running.abort();
    const control = new AbortController();
    running = control;
    busy(true);
    const began = performance.now();
    const body = new URLSearchParams({ query: editor.getValue(), ...bindings() });
    history.replaceState(null, "", `#${address(body)}`);
    try {
      const answer = await fetch("/sparql", { method: "POST", body, signal: control.signal, headers: { accept: "application/sparql-results+json, text/turtle;q=0.9" } });
      const text = await answer.text();
      const seconds = ((performance.now() - began) / 1000).toLocaleString(lang, { maximumFractionDigits: 2 });
      if (!answer.ok) fail(text.trim());
      else show(text, answer.headers.get("content-type"), body);
      byId("said").textContent = `${seconds} ${words.seconds}`;
    } catch (error) {
      if (running !== control) return;
      if (error.name === "AbortError") byId("said").textContent = words.stopped;
      else fail(words.unreachable);
    }
    if (running === control) { running = null; busy(false); }
  }
  function busy(is) {
    byId("stop").hidden = !is;
    if (is) {
      byId("said").textContent = words.running;
      byId("failure").hidden = true;
      wrong(null);
    }
  }
  function fail(text) {
    byId("result").hidden = true;
    byId("failure").hidden = false;
    byId("failure").textContent = text;
    const at = /\bline (\d+), column (\d+)/.exec(text);
    if (at) { wrong(at[1] - 1); editor.setCursor({ line: at[1] - 1, ch: at[2] - 1 }); }
  }
  let marked = null;
  function wrong(line) {
    if (marked !== null) editor.removeLineClass(marked, "background", "wrong");
    marked = line === null || line >= editor.lineCount() ? null : editor.addLineClass(line, "background", "wrong");
  }
  editor.on("change", () => wrong(null));
  byId("run").addEventListener("click", run);
  byId("stop").addEventListener("click", () => running?.abort());
  const address = (fields) => [...fields].map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v)}`).join("&");
  byId("link").addEventListener("click", async () => {
    const link = `${location.origin}/query#${address(new URLSearchParams({ query: editor.getValue(), ...bindings() }))}`;
    try { await navigator.clipboard.writeText(link); byId("said").textContent = words.copied; } catch { byId("said").textContent = link; }
  });

  // --- results -------------------------------------------------------------------------------------------------------

  let table = null;
  function show(text, type, body) {
    byId("result").hidden = false;
    byId("filter").hidden = true;
    byId("more").hidden = true;
    table = null;
    if (/turtle/.test(type)) {
      byId("count").textContent = "";
      byId("shown").replaceChildren(el("pre", {}, text));
      return saves(body, [["Turtle", "text/turtle", "ttl"], ["JSON-LD", "application/ld+json", "jsonld"], ["N-Triples", "application/n-triples", "nt"]]);
    }
    saves(body, [["CSV", "text/csv", "csv"], ["TSV", "text/tab-separated-values", "tsv"], ["JSON", "application/sparql-results+json", "json"]]);
    const found = JSON.parse(text);
    if ("boolean" in found) {
      byId("count").textContent = "";
      return byId("shown").replaceChildren(el("p", { class: "answer" }, found.boolean ? words.yes : words.no));
    }
    table = { columns: found.head.vars, rows: found.results.bindings, sort: null, drawn: STEP };
    byId("filter").hidden = table.rows.length < 6;
    byId("filter").value = "";
    draw();
  }
  const number = (cell) => (cell && cell.datatype && /#(integer|decimal|double|float)$/.test(cell.datatype) ? Number(cell.value) : null);
  function order(a, b) {
    const [x, y] = [number(a), number(b)];
    if (x !== null && y !== null) return x - y;
    return (a ? a.value : "").localeCompare(b ? b.value : "", lang);
  }
  function draw() {
    const wanted = fold(byId("filter").value);
    let rows = wanted ? table.rows.filter((r) => table.columns.some((c) => r[c] && fold(shorten(r[c].value)).includes(wanted))) : [...table.rows];
    if (table.sort) rows.sort((a, b) => table.sort[1] * order(a[table.sort[0]], b[table.sort[0]]));
    const total = rows.length;
    rows = rows.slice(0, table.drawn);
    byId("count").textContent = `${total.toLocaleString(lang)} ${total === 1 ? words.row : words.rows}`;
    byId("more").hidden = rows.length === total;
    const head = table.columns.map((c) => el("th", { scope: "col", "aria-sort": table.sort && table.sort[0] === c ? (table.sort[1] > 0 ? "ascending" : "descending") : null },
      el("button", { type: "button", on: { click: () => { table.sort = table.sort && table.sort[0] === c ? [c, -table.sort[1]] : [c, 1]; draw(); } } }, c)));
    const body = rows.map((r) => el("tr", {}, ...table.columns.map((c) => el("td", { class: number(r[c]) !== null ? "number" : r[c] && r[c].value.length > 80 && r[c].type !== "uri" ? "long" : null }, ...cell(r[c])))));
    byId("shown").replaceChildren(el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body)));
    if (!total) byId("shown").append(el("p", { class: "quiet" }, words.noRows));
  }
  byId("filter").addEventListener("input", () => { table.drawn = STEP; draw(); });
  byId("more").addEventListener("click", () => { table.drawn += STEP; draw(); });

  const KINDS = /^(org|person|product|place|law)\//;
  function shorten(value) {
    if (value.startsWith(base) && value !== base) return value.slice(base.length);
    for (const [prefix, iri] of Object.entries(prefixes)) if (value.startsWith(iri)) return `${prefix}:${value.slice(iri.length)}`;
    return value;
  }
  function cell(term) {
    if (!term) return [];
    if (term.type !== "uri") return [term.value, term["xml:lang"] ? el("span", { class: "lang" }, ` ${term["xml:lang"]}`) : null];
    const local = term.value.startsWith(base) ? term.value.slice(base.length) : "";
    const path = local.split("/").map(encodeURIComponent).join("/");
    if (KINDS.test(local)) return [el("a", { href: `/entity/${path}` }, local)];
    if (local.startsWith("brief/")) return [el("a", { href: `/${path}` }, local)];
    if (/^https?:\/\//.test(term.value) && !local && shorten(term.value) === term.value) return [el("a", { href: term.value, rel: "noopener noreferrer" }, term.value)];
    return [el("span", { title: term.value }, shorten(term.value))];
  }
  function saves(body, formats) {
    byId("saves").replaceChildren(el("span", { class: "quiet" }, words.save), ...formats.map(([name, type, suffix]) => el("a", { href: "#", on: { click: (event) => { event.preventDefault(); save(body, type, suffix); } } }, name)));
  }
  async function save(body, type, suffix) {
    const answer = await fetch("/sparql", { method: "POST", body, headers: { accept: type } });
    if (!answer.ok) return fail((await answer.text()).trim());
    const link = el("a", { href: URL.createObjectURL(await answer.blob()), download: `result.${suffix}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // --- the address ---------------------------------------------------------------------------------------------------

  function fromAddress() {
    const told = new URLSearchParams(location.hash.slice(1));
    const values = Object.fromEntries([...told].filter(([k]) => k.startsWith("$")).map(([k, v]) => [k.slice(1), v]));
    editor.setValue(told.get("query") || FIRST);
    byId("named").value = "";
    byId("help").hidden = true;
    askFor(Object.keys(values).map((name) => ({ name, type: "entity", optional: true, help: "" })), values);
    if (told.get("query")) run();
  }
  window.addEventListener("hashchange", fromAddress);
  fromAddress();
  ready.then(() => { document.documentElement.dataset.ready = "1"; });
})();
