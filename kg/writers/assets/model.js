"use strict";
/* The graph itself: entities with their claims, in both directions, and what can be asked of it whatever is shown. */
((x) => {
  const { kg } = x;
  x.nodes = kg.entities.map((e, id) => ({ aliases: [], links: [], values: [], ...e, id, out: [], in: [] }));
  const whole = (c, more) => {
    const evidence = (c.evidence || []).map((q) => {
      const [brief, start, sentence] = kg.sentences[q.sentence];
      return { status: c.status, confidence: c.confidence, qualifiers: {}, ...q, brief, start, sentence };
    });
    const days = evidence.map((q) => (q.brief === null ? "" : kg.briefs[q.brief].date || "")).filter(Boolean).sort();
    const origins = [...new Set(evidence.filter((q) => q.brief !== null).map((q) => kg.briefs[q.brief].origin))];
    return { qualifiers: {}, ...c, ...more, evidence, origins, told: days[0] || "", event: (c.qualifiers || {}).date || "" };
  };
  x.claims = kg.claims.map((c, number) => whole(c, { id: `c${number}`, number, bend: c.bend || 0 }));
  for (const c of x.claims) {
    x.nodes[c.from].out.push(c);
    if (c.to !== c.from) x.nodes[c.to].in.push(c);
  }
  for (const n of x.nodes) n.values = n.values.map((v) => whole(v, { from: n.id, relation: v.attribute, isValue: true }));
  x.values = x.nodes.flatMap((n) => n.values);
  x.everything = [...x.claims, ...x.values];

  x.name = (id) => x.nodes[id].label;
  x.isSymmetric = (c) => Boolean(kg.terms[c.relation].symmetric);
  x.family = (c) => kg.terms[c.relation].family;
  x.claimsOf = (n) => [...n.out, ...n.in];
  x.other = (c, id) => (c.from === id ? c.to : c.from);
  x.neighbours = (n) => new Set([...n.out.map((c) => c.to), ...n.in.map((c) => c.from)]);
  x.degree = (n) => n.out.length + n.in.length;
  const byIri = new Map([...x.nodes.map((node) => [node.iri, { node }]), ...x.claims.map((claim) => [claim.iri, { claim }])]);
  x.find = (iri) => byIri.get(iri) || byIri.get(iri.startsWith(kg.base) ? iri.slice(kg.base.length) : "") || null;

  /* a community is called after its most central entities */
  const members = new Map();
  for (const n of x.nodes) members.set(n.community, [...(members.get(n.community) || []), n.id]);
  x.communities = [...members].map(([id, ids]) => ({ id, ids })).filter((c) => c.ids.length > 2);
  x.communityName = (id) => x.t("community", { name: x.name(members.get(id)[0]) });

  /* a claim happens on the day it names, and is told on the day of its first brief; the start of either counts */
  x.when = (c, by) => c[by];

  /* breadth first from some entities over the claims that pass; the nearest of the most central first */
  x.around = (starts, hops, passes) => {
    const distance = new Map(starts.map((id) => [id, 0]));
    let edge = [...starts];
    for (let hop = 1; hop <= hops && edge.length; hop++) {
      const next = [];
      for (const id of edge) for (const c of x.claimsOf(x.nodes[id])) {
        const to = x.other(c, id);
        if (!distance.has(to) && passes(c)) { distance.set(to, hop); next.push(to); }
      }
      edge = next.sort((a, b) => a - b);
    }
    return distance;
  };
  /* a shortest path, whichever way its arrows point: entities and, between two of them, all claims that pass. Of several the one
     through the entities with the fewest links: a common country tells less than a common cause */
  x.path = (from, to, passes) => {
    const distance = x.around([to], Infinity, passes);
    if (!distance.has(from)) return null;
    const ids = [from];
    const claims = [];
    while (ids.at(-1) !== to) {
      const here = ids.at(-1);
      const nearer = x.claimsOf(x.nodes[here]).filter((c) => passes(c) && distance.get(x.other(c, here)) === distance.get(here) - 1);
      const [next] = nearer.map((c) => x.other(c, here)).sort((a, b) => x.degree(x.nodes[a]) - x.degree(x.nodes[b]) || a - b);
      claims.push(nearer.filter((c) => x.other(c, here) === next));
      ids.push(next);
    }
    return { ids, claims };
  };
})(explorer);
