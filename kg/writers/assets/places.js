"use strict";
/* Where entities stand. At home: where the file says, or where the reader has dragged them. Around one entity: on rings by
   distance, each beside the one it is reached through, like relations together. On a path: in a row. */
((x) => {
  const { nodes } = x;
  for (const n of nodes) n.home = { x: n.x, y: n.y };
  const put = (n, px, py) => { n.x = Math.round(px); n.y = Math.round(py); };

  function rings(root, distance) {
    const families = Object.keys(x.kg.families);
    const children = new Map([...distance.keys()].map((id) => [id, []]));
    const order = [...distance.keys()].sort((a, b) => distance.get(a) - distance.get(b) || a - b);
    for (const id of order) {
      if (id === root) continue;
      const ways = x.claimsOf(nodes[id]).filter((c) => x.shown.claims.has(c.id) && distance.get(x.other(c, id)) === distance.get(id) - 1);
      const [way] = ways.sort((a, b) => x.other(a, id) - x.other(b, id) || a.number - b.number);
      children.get(x.other(way, id)).push([families.indexOf(x.family(way)), way.relation, id]);
    }
    const leaves = new Map();
    for (const id of [...order].reverse()) leaves.set(id, Math.max(1, children.get(id).reduce((n, [, , k]) => n + leaves.get(k), 0)));
    const count = x.tally(order, (id) => distance.get(id));
    const radius = [0];
    const stagger = (hop) => (count.get(hop) > 40 ? 3 : count.get(hop) > 18 ? 2 : 1);
    for (let hop = 1; count.has(hop); hop++) radius.push(Math.max(radius.at(-1) * (1 + 0.26 * (stagger(hop - 1) - 1)) + 190, (count.get(hop) * 52) / (2 * Math.PI)));
    const seen = new Map();
    const { x: cx, y: cy } = nodes[root].home;
    put(nodes[root], cx, cy);
    const spread = (id, from, to) => {
      let at = from;
      for (const [, , child] of children.get(id).sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : a[2] - b[2]))) {
        const hop = distance.get(child);
        const wide = ((to - from) * leaves.get(child)) / leaves.get(id);
        const turn = (seen.get(hop) || 0) % stagger(hop);
        seen.set(hop, (seen.get(hop) || 0) + 1);
        const r = radius[hop] * (1 + 0.26 * turn);
        put(nodes[child], cx + 1.12 * r * Math.cos(at + wide / 2), cy + 0.9 * r * Math.sin(at + wide / 2)); // windows are wide
        spread(child, at, at + wide);
        at += wide;
      }
    };
    spread(root, -Math.PI / 2, 1.5 * Math.PI);
  }
  function row(ids) {
    const { x: cx, y: cy } = nodes[ids[0]].home;
    ids.forEach((id, i) => put(nodes[id], cx + i * 210, cy + (ids.length > 4 ? (i % 2) * 70 : 0)));
  }
  let moved = [];
  x.place = () => {
    for (const id of moved) Object.assign(nodes[id], nodes[id].home);
    const { focus, route } = x.state;
    x.atHome = true;
    if (focus && focus.kind === "around" && focus.ids.length === 1 && x.shown.nodes.has(focus.ids[0])) {
      const distance = x.around(focus.ids, focus.hops, (c) => x.shown.claims.has(c.id));
      rings(focus.ids[0], distance);
      moved = [...distance.keys()];
      x.atHome = false;
    } else if (route) {
      row(route.ids);
      moved = route.ids;
      x.atHome = false;
    } else moved = [];
  };
  x.drag = (id, at) => {
    Object.assign(nodes[id], at);
    if (x.atHome) nodes[id].home = { ...at };
  };
})(explorer);
