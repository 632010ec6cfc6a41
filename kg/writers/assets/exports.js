"use strict";
/* What one takes away of what is shown: the link, a picture, the claims as CSV, the graph as Turtle in the shape kg writes. */
((x) => {
  const { kg, t, byId } = x;
  function save(name, type, content) {
    const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
    const a = x.el("a", { href: url, download: name });
    document.body.append(a);
    a.click();
    a.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
    x.toast(t("saved", { name }));
  }
  let timer = 0;
  x.toast = (text) => {
    const toast = byId("toast");
    toast.textContent = text;
    toast.hidden = false;
    x.say(text);
    clearTimeout(timer);
    timer = setTimeout(() => { toast.hidden = true; }, 3500);
  };

  x.copyLink = async () => {
    const hash = x.link();
    const address = location.href.split("#")[0] + (hash ? `#${hash}` : "");
    try {
      await navigator.clipboard.writeText(address);
      x.toast(t("copied"));
    } catch {
      const field = x.el("input", { value: address, readonly: true, "aria-label": t("copyLink") });
      const toast = byId("toast");
      x.toast("");
      clearTimeout(timer);
      toast.replaceChildren(t("copyYourself"), field);
      field.select();
    }
  };

  /* the canvas with a title over it and the legend under it, on white, for print */
  x.picture = () => {
    const canvas = x.network.canvas.frame.canvas;
    const ratio = canvas.width / canvas.clientWidth;
    const [w, h] = [canvas.clientWidth, canvas.clientHeight];
    const [top, bottom] = [66, 64];
    const out = document.createElement("canvas");
    [out.width, out.height] = [canvas.width, Math.round((h + top + bottom) * ratio)];
    const ctx = out.getContext("2d");
    ctx.scale(ratio, ratio);
    ctx.fillStyle = "#fff";
    ctx.fillRect(0, 0, w, h + top + bottom);
    ctx.drawImage(canvas, 0, top, w, h);
    ctx.fillStyle = x.INK;
    ctx.font = '700 24px "Source Serif 4", Charter, Georgia, "Liberation Serif", serif';
    ctx.fillText(document.title, 20, 34);
    ctx.font = `13px ${x.FACE}`;
    ctx.fillStyle = "#56637a";
    ctx.fillText(byId("summary").textContent, 20, 55);
    let at = 20;
    let line = h + top + 20;
    const item = (colour, text, dashes) => {
      const wide = ctx.measureText(text).width + 44;
      if (at + wide > w - 10) { at = 20; line += 20; }
      ctx.strokeStyle = ctx.fillStyle = colour;
      ctx.setLineDash(dashes || []);
      ctx.lineWidth = 3;
      if (dashes === null) { ctx.beginPath(); ctx.arc(at + 9, line - 4, 5, 0, 7); ctx.fill(); } else { ctx.beginPath(); ctx.moveTo(at, line - 4); ctx.lineTo(at + 20, line - 4); ctx.stroke(); }
      ctx.fillStyle = x.INK;
      ctx.fillText(text, at + 26, line);
      at += wide;
    };
    const types = new Set([...x.shown.nodes].map((id) => x.nodes[id].type));
    const families = new Set(x.claims.filter((c) => x.shown.claims.has(c.id)).map(x.family));
    for (const type of kg.order) if (types.has(type)) item(kg.classes[type].colour, x.capital(x.className(type)), null);
    for (const family of Object.keys(kg.families)) if (families.has(family)) item(kg.families[family].colour, x.familyName(family));
    item("#56637a", x.capital(t("planned")), [7, 4]);
    item("#56637a", x.capital(t("rumoured")), [2, 4]);
    return out;
  };
  x.savePicture = () => { if (x.state.view !== "graph") x.show("graph"); requestAnimationFrame(() => x.picture().toBlob((blob) => save("graph.png", "image/png", blob))); };

  /* a cell that a spreadsheet would take for a formula is made text */
  const cell = (value) => {
    const text = String(value ?? "");
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r;]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  x.csv = () => {
    const head = ["subject", "subject_type", "relation", "object", "object_type", "status", "confidence", "amount", "date", "role", "share", "bound", "told", "source", "sentence", "rule", "claim"];
    const rows = x.listed().map((c) => {
      const [q] = c.evidence;
      const brief = q && q.brief !== null ? kg.briefs[q.brief] : {};
      const { amount, date, role, share, bound } = c.qualifiers;
      return [x.name(c.from), x.nodes[c.from].type, c.relation, c.isValue ? c.value : x.name(c.to), c.isValue ? "" : x.nodes[c.to].type, c.status, c.confidence,
        amount, date, role, share, bound, c.told, brief.source || brief.key, q && q.sentence, q && q.rule, full(c.iri)];
    });
    return `\ufeff${[head, ...rows].map((r) => r.map(cell).join(",")).join("\r\n")}\r\n`;
  };

  /* --- Turtle: the triples of design and README, of the entities, claims, evidence, spans and briefs that are shown --- */
  const full = (iri) => (/^[a-z][a-z0-9+.-]*:/i.test(iri) ? iri : kg.base + iri);
  const node = (iri) => `<${full(iri).replace(/[\x00-\x20<>"{}|^`\\]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`)}>`;
  const string = (s) => `"${s.replace(/["\\\n\r\t\f\b\x00-\x1f\x7f]/g, (c) => ({ '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" })[c] || `\\u${c.charCodeAt(0).toString(16).padStart(4, "0").toUpperCase()}`)}"`;
  const typed = (s, type) => `"${s}"^^xsd:${type}`;
  const decimal = (n) => typed(String(n), "decimal");
  const numeral = (s) => (/^-?\d+$/.test(s) ? typed(s, "integer") : /^-?\d+\.\d+$/.test(s) ? typed(s, "decimal") : null);
  const date = (s) => ({ 4: typed(s, "gYear"), 7: typed(s, "gYearMonth"), 10: typed(s, "date") })[/^\d{4}(-\d\d){0,2}$/.test(s) ? s.length : 0] || string(s);
  function span(iso) {
    const [y, m, d] = iso.split("-");
    if (!/^\d{4}(-\d\d){0,2}$/.test(iso)) return [];
    const end = d || (m ? String(new Date(Date.UTC(+y, +m, 0)).getUTCDate()).padStart(2, "0") : "31");
    return [["kg:from", typed(`${y}-${m || "01"}-${d || "01"}`, "date")], ["kg:to", typed(`${y}-${m || "12"}-${end}`, "date")]];
  }
  function money(value, blocks) {
    const m = /^(-?\d+(?:\.\d+)?) ([A-Z]{3})$/.exec(value);
    if (!m) return string(value);
    const iri = node(`money/${m[2]}/${m[1]}`);
    blocks.set(iri, [["a", "schema:MonetaryAmount"], ["schema:value", numeral(m[1])], ["schema:currency", string(m[2])]]);
    return iri;
  }
  x.turtle = () => {
    const blocks = new Map();
    const later = new Map();
    const add = (iri, pairs) => { const key = node(iri); blocks.set(key, [...(blocks.get(key) || []), ...pairs]); };
    const held = (c) => {
      const q = c.qualifiers;
      return [["kg:status", `kg:${c.status}`], ["kg:confidence", decimal(c.confidence)],
        ...(q.amount ? [["kg:amount", money(q.amount, later)]] : []), ...(q.date ? [["kg:date", date(q.date)], ...span(q.date)] : []),
        ...(q.role ? [["kg:role", string(q.role)]] : []), ...(q.share ? [["kg:share", numeral(q.share) || string(q.share)]] : []), ...(q.bound ? [["kg:bound", `kg:${q.bound}`]] : [])];
    };
    const listed = x.listed();
    for (const n of [...x.shown.nodes].map((id) => x.nodes[id])) add(n.iri, [...(n.type ? [["a", `kg:${n.type}`]] : []), ["rdfs:label", string(n.label)], ...n.aliases.map((a) => ["skos:altLabel", string(a)]), ...n.links.map((l) => ["owl:sameAs", node(l)])]);
    for (const c of listed) {
      const kind = kg.terms[c.relation].kind;
      const object = !c.isValue ? node(x.nodes[c.to].iri) : kind === "money" ? money(c.value, later) : kind === "integer" ? numeral(c.value) || string(c.value) : kind === "date" ? date(c.value) : string(c.value);
      const subject = x.nodes[c.from].iri;
      if (c.status === "asserted") {
        add(subject, [[`kg:${c.relation}`, object]]);
        if (!c.isValue && x.isSymmetric(c)) add(x.nodes[c.to].iri, [[`kg:${c.relation}`, node(subject)]]);
      }
      add(c.iri, [["a", "kg:Claim"], ["rdf:subject", node(subject)], ["rdf:predicate", `kg:${c.relation}`], ["rdf:object", object], ...held(c), ...c.evidence.map((q) => ["prov:wasDerivedFrom", node(q.iri)])]);
      for (const q of c.evidence) {
        const brief = q.brief === null ? null : kg.briefs[q.brief];
        const length = [...q.sentence].length;
        const place = brief && q.sentence ? `${brief.iri.replace(/^brief\//, "span/")}-${q.start}-${q.start + length}` : null;
        add(q.iri, [["a", "kg:Evidence"], ["kg:rule", string(q.rule)], ...held(q), ...(brief ? [["oa:hasSource", node(brief.iri)]] : []), ...(place ? [["oa:hasSelector", node(place)]] : [])]);
        if (place) later.set(node(place), [["a", "oa:TextPositionSelector"], ["oa:start", typed(q.start, "integer")], ["oa:end", typed(q.start + length, "integer")], ["oa:exact", string(q.sentence)]]);
        if (brief) later.set(node(brief.iri), [["a", "kg:Brief"], ["kg:key", string(brief.key)], ...(brief.title ? [["dct:title", string(brief.title)]] : []), ...(brief.date ? [["dct:date", date(brief.date.slice(0, 10))], ...span(brief.date.slice(0, 10))] : []), ...(brief.source ? [["dct:source", brief.link ? node(brief.source) : string(brief.source)]] : [])]);
      }
    }
    const used = Object.entries(kg.prefixes).map(([prefix, iri]) => `@prefix ${prefix}: <${iri}> .`);
    const body = [...blocks, ...later].map(([subject, pairs]) => `${subject} ${[...new Set(pairs.map(([p, o]) => `${p} ${o}`))].join(" ;\n    ")} .`);
    return `${used.join("\n")}\n\n${body.join("\n\n")}\n`;
  };
  x.makeExports = () => {
    const menu = byId("share");
    const does = { "copy-link": x.copyLink, "save-png": x.savePicture, "save-ttl": () => save("graph.ttl", "text/turtle", x.turtle()), "save-csv": () => save("claims.csv", "text/csv", x.csv()) };
    for (const [id, run] of Object.entries(does)) byId(id).addEventListener("click", () => { menu.open = false; run(); });
    document.addEventListener("click", (event) => { if (menu.open && !menu.contains(event.target)) menu.open = false; });
    menu.addEventListener("keydown", (event) => { if (event.key === "Escape" && menu.open) { menu.open = false; menu.querySelector("summary").focus(); event.stopPropagation(); } });
  };
})(explorer);
